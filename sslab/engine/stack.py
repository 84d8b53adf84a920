"""One site's stack: making it, its secrets, `up`, and taking it away."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, required_secrets
from sslab.cluster.access import embedded, made_in_a_cloud
from sslab.engine import credentials, lock_folder, locks, process, recovery, refusals, state
from sslab.engine.environment import passphrase_file
from sslab.engine.errors import EngineError
from sslab.engine.scratch import scratch
from sslab.progress import Progress
from sslab.site.model import Site

PROJECT = "ssl"
TAIL = 25


class Stack:
    """The Pulumi stack of one site; `environment` is what `prepare` returned."""

    def __init__(self, repository: Path, site: Site, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._site = site
        self._environment = dict(environment)
        self._was_killed = False
        self._place = self._environment.get(state.VARIABLE, "")
        self._configuration = repository / "stacks" / f"Pulumi.{site.name}.yaml"

    def ensure(self) -> None:
        """Make the stack and the secrets that are missing; what is there stays.

        Raises SslabError where the site has to give some that it has not given yet.
        """
        if self.summary() is None:
            lock_folder.keep(self._place, PROJECT, self._site.name)
            self._run("stack", "init", self._site.name, "--secrets-provider", "passphrase")
        present = self._configured()
        contracts = load_contracts(self._repository)
        for spec in required_secrets(self._site, contracts):
            if spec.recipe is not None and spec.key not in present:
                value = credentials.made(spec.recipe)
                # by standard input: a command line is readable by every user of the machine
                self._run("config", "set", "--secret", f"{PROJECT}:{spec.key}", stdin=value)
                present.add(spec.key)
        require_secrets(self._site, present, contracts)

    def secret_values(self) -> dict[str, str]:
        """Return the stack's decrypted configuration, by key without the project's name.

        With it comes what a cloud has made for the stack: keys of buckets, a kubeconfig.
        """
        shown = json.loads(self._run("config", "--show-secrets", "--json"))
        given = {key.partition(":")[2]: str(entry["value"]) for key, entry in shown.items()}
        return given | (self.outputs() if made_in_a_cloud(self._site) else {})

    def outputs(self) -> dict[str, str]:
        """Return what the deployment has told of what it made, with secrets readable."""
        shown = json.loads(self._run("stack", "output", "--show-secrets", "--json"))
        return {name: str(value) for name, value in shown.items()}

    def history(self, most: int) -> list[dict[str, Any]]:
        """Return the last updates as Pulumi has recorded them, the newest first."""
        if self.summary() is None:
            return []
        shown = self._run("stack", "history", "--json", "--page-size", str(most))
        recorded: list[dict[str, Any]] = json.loads(shown or "[]") or []
        return recorded

    def up(self, *, refresh: bool, interactive: bool) -> None:
        """Deploy with the policy pack; Pulumi's own display goes to this terminal.

        `refresh` reads what is really there first, as after a deployment that was killed.
        `interactive` shows the preview and asks. Raises EngineError.
        """
        self.require_unlocked()
        self._was_killed = killed = self._killed()
        forced = recovery.FORCED if killed else {}
        words = ["up", "--policy-pack", "policies", "--suppress-permalink"]
        words += [] if interactive else ["--yes", "--skip-preview"]
        words += ["--refresh"] if refresh or killed else []
        if not sys.stdout.isatty():
            words += ["--non-interactive", "--color", "never", "--suppress-outputs"]
            words += ["--suppress-progress"]
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            code = self._foreground([*words, "--event-log", str(log)], **forced)
            if code == 0:
                return
            meaning = refusals.explained(self._site, refusals.errors_in(log))
        self.require_unlocked()  # somebody may have been a moment faster
        again = "run the same command again: what is done is not done twice"
        if meaning is not None:
            raise EngineError(f"the deployment failed: {meaning}", remedy=f"then {again}")
        raise EngineError(
            "the deployment failed; what went wrong stands above", remedy=f"mend it and {again}"
        )

    def held(self) -> list[locks.Lock]:
        """Return who holds the stack's lock, as far as there are locks that can be looked at."""
        if not state.has_locks(self._place):
            return []
        name = self._site.name
        if (folder := state.folder(self._place)) is not None:
            return locks.in_folder(folder, PROJECT, name)
        # a stack cannot get the name that it has: Pulumi looks for locks, and does nothing else
        done = self._tried("stack", "rename", name, "--stack", name)
        held = locks.told(done.stderr)
        if not held and not re.search("already exists|no stack named", done.stderr):
            raise self._failure(("stack", "rename"), done.stderr)
        return held

    def require_unlocked(self) -> None:
        """Release what a killed run of this user left on this machine.

        Raises EngineError that explains any other lock.
        """
        held = self.held()
        if not held:
            return
        if all(lock.left_by_us for lock in held):
            self.unlock()
            Progress().line(f"  released what a killed run had left: {held[0]}")
            return
        raise EngineError(
            f"{self._site.name} is {'; '.join(map(str, held))}",
            remedy=f"wait for it, or `sslab state unlock {self._site.name}`",
        )

    def unlock(self) -> None:
        """Release every lock of the stack, whoever holds it."""
        self._run("cancel", "--yes")

    def summary(self) -> dict[str, Any] | None:
        """Return what Pulumi says of the stack in a list, None where there is no such stack."""
        listed = json.loads(self._run("stack", "ls", "--json", stack=False))
        named = {entry["name"].rpartition("/")[2]: entry for entry in listed}
        return named.get(self._site.name)

    def pending(self) -> int:
        """Return how many operations a killed deployment had begun, of unknown end."""
        return len(recovery.begun(json.loads(self._run("stack", "export"))))

    def _killed(self) -> bool:
        """Tell whether the last deployment was killed.

        Raises EngineError where a cloud may have made something.
        """
        exported = json.loads(self._run("stack", "export"))
        begun = recovery.begun(exported)
        if begun:
            recovery.require_known(exported, self._site.name)
            Progress().line(
                f"  a deployment was killed: {len(begun)} operations are looked at again"
            )
        return bool(begun)

    def settle(self, kubectl: Sequence[str]) -> None:
        """Forget what a killed deployment had begun, once another one has gone to its end."""
        if not self._was_killed:
            return
        exported = json.loads(self._run("stack", "export"))
        if recovery.creations(exported):
            for line in recovery.relinquish(kubectl, recovery.made(exported)):
                Progress().line(line)
            self._run("stack", "import", stdin=json.dumps(recovery.cleared(exported)))

    def remove(self) -> None:
        """Forget the stack and its secrets, without touching the cluster.

        Raises EngineError where there are still resources, but for those of an embedded cluster:
        they go with it, and this works without Pulumi.
        """
        if embedded(self._site):
            state.forget(PROJECT, self._site.name)
        elif self.summary() is not None:
            self.require_unlocked()
            self._run("stack", "rm", "--yes", "--remove-backups")
            lock_folder.forget(self._place, PROJECT, self._site.name)
        self._configuration.unlink(missing_ok=True)
        passphrase_file(self._site).unlink(missing_ok=True)

    def destroy(self) -> None:
        """Delete what the stack made, asking first."""
        self.require_unlocked()
        if self._foreground(["destroy"]) != 0:
            raise EngineError(
                "not everything was destroyed; what went wrong stands above",
                remedy="mend it and run the same command again",
            )

    def _configured(self) -> set[str]:
        """Return the keys in the stack's file, without the project's name."""
        if not self._configuration.exists():
            return set()
        try:
            document = YAML(typ="safe").load(self._configuration) or {}
        except YAMLError as error:
            raise EngineError(
                f"{self._configuration} cannot be read: {error}",
                remedy="put it back from git; of an embedded cluster, delete it with the cluster",
            ) from None
        return {key.removeprefix(f"{PROJECT}:") for key in document.get("config") or {}}

    def _run(self, *words: str, stdin: str | None = None, stack: bool = True) -> str:
        chosen = [] if not stack or words[1:2] == ("init",) else ["--stack", self._site.name]
        done = self._tried(*words, *chosen, stdin=stdin)
        if done.returncode != 0:
            raise self._failure(words, done.stderr)
        return done.stdout

    def _failure(self, words: Sequence[str], said: str) -> EngineError:
        return state.unusable(said, self._place) or EngineError(
            f"`pulumi {' '.join(words[:2])}` failed: {said.strip()[-800:]}",
            remedy=self._remedy(said),
        )

    def _tried(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._pulumi(), *words, "--non-interactive"],
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

    def _remedy(self, said: str) -> str:
        if "incorrect passphrase" in said:
            return (
                f"{self._configuration} was encrypted with another passphrase: give that one, or "
                "delete the file to have new secrets made"
            )
        return "`sslab doctor` checks the tools"

    def _foreground(self, words: list[str], **more: str) -> int:
        # with debug commands Pulumi has the option --event-log, as its Automation API uses it
        environment = {**self._environment, **more, "PULUMI_DEBUG_COMMANDS": "true"}
        command = [self._pulumi(), *words, "--stack", self._site.name]
        with scratch(self._site.name) as own:
            return process.foreground(command, self._repository, {**environment, **own})

    def _pulumi(self) -> str:
        return shutil.which("pulumi", path=self._environment["PATH"]) or "pulumi"
