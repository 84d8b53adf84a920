"""One site's stack: making it, its secrets, `up`, and taking it away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, required_secrets
from sslab.cluster.access import made_in_a_cloud
from sslab.engine import credentials, locks, refusals
from sslab.engine.environment import passphrase_file
from sslab.engine.errors import EngineError
from sslab.site.model import Site

PROJECT = "ssl"
TAIL = 25


class Stack:
    """The Pulumi stack of one site; `environment` is what `prepare` returned."""

    def __init__(self, repository: Path, site: Site, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._site = site
        self._environment = dict(environment)
        self._configuration = repository / "stacks" / f"Pulumi.{site.name}.yaml"

    def ensure(self) -> None:
        """Make the stack and the secrets that are missing; what is there stays.

        Raises SslabError where the site has to give some that it has not given yet.
        """
        if not self._exists():
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

    def up(self, *, refresh: bool, interactive: bool) -> None:
        """Deploy with the policy pack; Pulumi's own display goes to this terminal.

        `refresh` reads what is really there first, and takes back the fields of an object that
        somebody else has changed. `interactive` shows the preview and asks. Raises EngineError.
        """
        words = ["up", "--policy-pack", "policies", "--suppress-permalink"]
        words += [] if interactive else ["--yes", "--skip-preview"]
        words += ["--refresh"] if refresh else []
        if not sys.stdout.isatty():
            words += ["--non-interactive", "--color", "never", "--suppress-outputs"]
            words += ["--suppress-progress"]
        locks.release_dead(self._environment)
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            # else the API server refuses to set a field that has got another manager
            force = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"} if refresh else {}
            code = self._foreground([*words, "--event-log", str(log)], force)
            if code == 0:
                return
            meaning = refusals.explained(self._site, refusals.errors_in(log))
        again = "run the same command again: what is done is not done twice"
        if meaning is not None:
            raise EngineError(f"the deployment failed: {meaning}", remedy=f"then {again}")
        raise EngineError(
            "the deployment failed; what went wrong stands above", remedy=f"mend it and {again}"
        )

    def remove(self) -> None:
        """Forget the stack and its secrets, without touching the cluster."""
        backend = self._environment["PULUMI_BACKEND_URL"].removeprefix("file://")
        kept = Path(backend) / ".pulumi"
        for folder in ("stacks", "history", "backups", "locks"):
            for path in (kept / folder).rglob(f"{self._site.name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self._configuration.unlink(missing_ok=True)
        passphrase_file(self._site).unlink(missing_ok=True)

    def destroy(self) -> None:
        """Delete what the stack made, asking first."""
        locks.release_dead(self._environment)
        if self._foreground(["destroy"]) != 0:
            raise EngineError(
                "not everything was destroyed; what went wrong stands above",
                remedy="mend it and run the same command again",
            )

    def _exists(self) -> bool:
        listed = json.loads(self._run("stack", "ls", "--json", stack=False))
        return self._site.name in {entry["name"].rpartition("/")[2] for entry in listed}

    def _configured(self) -> set[str]:
        """Return the keys in the stack's file, without the project's name."""
        if not self._configuration.exists():
            return set()
        document = YAML(typ="safe").load(self._configuration) or {}
        return {key.removeprefix(f"{PROJECT}:") for key in document.get("config") or {}}

    def _run(self, *words: str, stdin: str | None = None, stack: bool = True) -> str:
        chosen = [] if not stack or words[1:2] == ("init",) else ["--stack", self._site.name]
        done = subprocess.run(
            [self._pulumi(), *words, *chosen, "--non-interactive"],
            cwd=self._repository,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise EngineError(
                f"`pulumi {' '.join(words[:2])}` failed: {done.stderr.strip()[-800:]}",
                remedy=self._remedy(done.stderr),
            )
        return done.stdout

    def _remedy(self, said: str) -> str:
        if "incorrect passphrase" in said:
            return (
                f"{self._configuration} was encrypted with another passphrase: give that one, or "
                "delete the file to have new secrets made"
            )
        if "no stack named" in said:
            return (
                f"nothing of {self._site.name} is deployed: `sslab up {self._site.name}` does it; "
                "where it is, PULUMI_BACKEND_URL has to name where its state is"
            )
        return "`sslab doctor` checks the tools"

    def _foreground(self, words: list[str], variables: Mapping[str, str] | None = None) -> int:
        """Run Pulumi in this terminal; Ctrl-C reaches it, and it ends in good order."""
        process = subprocess.Popen(
            [self._pulumi(), *words, "--stack", self._site.name],
            cwd=self._repository,
            # with debug commands Pulumi has the option --event-log, as its Automation API uses it
            env={**self._environment, **(variables or {}), "PULUMI_DEBUG_COMMANDS": "true"},
            stdin=None if sys.stdin.isatty() else subprocess.DEVNULL,
        )
        interrupted = False
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                interrupted = True  # the terminal has sent the signal to Pulumi as well
                continue
            if interrupted and code != 0:
                raise EngineError(
                    "interrupted while deploying", remedy="run the same command again: it goes on"
                )
            return code

    def _pulumi(self) -> str:
        return shutil.which("pulumi", path=self._environment["PATH"]) or "pulumi"
