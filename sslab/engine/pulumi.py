"""Pulumi's commands on the stack of one site."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sslab.engine import orphans, passphrases, process, secrets_file, state
from sslab.engine.errors import EngineError
from sslab.engine.scratch import scratch
from sslab.site.model import Site


class Pulumi:
    """The `pulumi` of an environment that `prepare` returned, on the stack of one site."""

    def __init__(self, repository: Path, site: Site, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._site = site
        self._environment = dict(environment)

    def run(self, *words: str, stdin: str | None = None, stack: bool = True) -> str:
        """Run a command and return what it prints. Raises EngineError where it fails."""
        chosen = [] if not stack or words[1:2] == ("init",) else ["--stack", self._site.name]
        done = self.tried(*words, *chosen, stdin=stdin)
        if done.returncode != 0:
            raise self.failure(words, done.stderr)
        return done.stdout

    def tried(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command, which may fail. Raises EngineError where there is no Pulumi."""
        try:
            return subprocess.run(
                [self._program(), *words, "--non-interactive"],
                cwd=self._repository,
                env=self._environment,
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise EngineError(
                "there is no Pulumi yet", remedy=f"`sslab up {self._site.name}` gets it"
            ) from None

    def failure(self, words: Sequence[str], said: str) -> EngineError:
        """Return what a command that failed with these words on standard error means."""
        configuration = secrets_file.path(self._repository, self._site.name)
        locked = passphrases.refusal(said, configuration, self._environment)
        return (
            locked
            or state.unusable(said, self._environment.get(state.VARIABLE, ""))
            or EngineError(
                f"`pulumi {' '.join(words[:2])}` failed: {said.strip()[-800:]}",
                remedy=self._remedy(said),
            )
        )

    def foreground(self, words: Sequence[str], **more: str) -> int:
        """Run a command in this terminal, with more variables; return its exit code."""
        # with debug commands Pulumi has the option --event-log, as its Automation API uses it
        environment = {**self._environment, **more, "PULUMI_DEBUG_COMMANDS": "true"}
        command = [self._program(), *words, "--stack", self._site.name]
        with scratch(self._site.name) as own:
            return process.foreground(command, self._repository, {**environment, **own})

    def end_orphans(self) -> None:
        """End what a killed Pulumi of this site's clone has left running."""
        home = self._environment.get("PULUMI_HOME")
        orphans.end([self._repository / "policies", *([Path(home)] if home else [])])

    def _remedy(self, said: str) -> str:
        if "no stack named" in said:
            return (
                f"nothing of {self._site.name} is deployed: `sslab up {self._site.name}` does it; "
                "where it is, PULUMI_BACKEND_URL has to name where its state is"
            )
        return "`sslab doctor` checks the tools"

    def _program(self) -> str:
        return shutil.which("pulumi", path=self._environment["PATH"]) or "pulumi"
