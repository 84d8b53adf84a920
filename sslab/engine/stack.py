"""One site's stack: making it, its secrets, `up`, and taking it away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, required_secrets
from sslab.cluster.access import made_in_a_cloud
from sslab.engine import credentials, locks, passphrases, refusals, secrets_file
from sslab.engine.environment import passphrase_file
from sslab.engine.errors import EngineError
from sslab.engine.secrets_file import PROJECT
from sslab.site.model import Site

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
        self.make()
        present = self._configured()
        contracts = load_contracts(self._repository)
        new = {
            spec.key: credentials.made(spec.recipe)
            for spec in required_secrets(self._site, contracts)
            if spec.recipe is not None and spec.key not in present
        }
        self.encrypt(new)
        require_secrets(self._site, present | new.keys(), contracts)
        if not new:
            self._given()  # a wrong passphrase is told before anything is deployed

    def make(self) -> None:
        """Make the stack where it is not there, encrypted as its file says."""
        if not self._exists():
            provider = secrets_file.provider(self._configuration) or secrets_file.PASSPHRASE
            self._run("stack", "init", self._site.name, "--secrets-provider", provider)

    def encrypt(self, values: Mapping[str, str]) -> None:
        """Put credentials into the stack's file: all of them or, where one fails, none."""
        if not values:
            return
        with secrets_file.replaced(self._configuration) as draft:
            for key, value in values.items():
                # by standard input: a command line is readable by every user of the machine
                words = ("config", "set", "--secret", f"{PROJECT}:{key}")
                self._run(*words, "--config-file", str(draft), stdin=value)

    def secret_values(self) -> dict[str, str]:
        """Return the stack's decrypted configuration, by key without the project's name.

        With it comes what a cloud has made for the stack: keys of buckets, a kubeconfig.
        """
        return self._given() | (self.outputs() if made_in_a_cloud(self._site) else {})

    def outputs(self) -> dict[str, str]:
        """Return what the deployment has told of what it made, with secrets readable."""
        shown = json.loads(self._run("stack", "output", "--show-secrets", "--json"))
        return {name: str(value) for name, value in shown.items()}

    def up(self, *, refresh: bool, interactive: bool) -> None:
        """Deploy with the policy pack; Pulumi's own display goes to this terminal.

        `refresh` reads what is really there first. `interactive` shows the preview and asks.
        Raises EngineError.
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
            code = self._foreground([*words, "--event-log", str(log)])
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
        passphrases.forget(passphrase_file(self._site))

    def destroy(self) -> None:
        """Delete what the stack made, asking first."""
        locks.release_dead(self._environment)
        if self._foreground(["destroy"]) != 0:
            raise EngineError(
                "not everything was destroyed; what went wrong stands above",
                remedy="mend it and run the same command again",
            )

    def reencrypt(self, passphrase: str) -> None:
        """Encrypt configuration and state with another passphrase: not in one step, see there."""
        words = ("stack", "change-secrets-provider", secrets_file.PASSPHRASE)
        self._run(*words, stdin=f"{passphrase}\n")

    def state(self) -> dict[str, Any]:
        """Return the state with its secrets readable."""
        exported: dict[str, Any] = json.loads(self._run("stack", "export", "--show-secrets"))
        return exported

    def state_salt(self) -> str | None:
        """Return what tells one passphrase of the state from another; None where it has none."""
        deployment = json.loads(self._run("stack", "export")).get("deployment") or {}
        provider = deployment.get("secrets_providers") or {}
        salt = (provider.get("state") or {}).get("salt")
        return str(salt) if salt else None

    def _given(self) -> dict[str, str]:
        shown = json.loads(self._run("config", "--show-secrets", "--json"))
        return {key.partition(":")[2]: str(entry["value"]) for key, entry in shown.items()}

    def _exists(self) -> bool:
        listed = json.loads(self._run("stack", "ls", "--json", stack=False))
        return self._site.name in {entry["name"].rpartition("/")[2] for entry in listed}

    def _configured(self) -> set[str]:
        """Return the keys in the stack's file, without the project's name."""
        return set(secrets_file.keys(self._configuration))

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
            locked = passphrases.refusal(done.stderr, self._configuration, self._environment)
            raise locked or EngineError(
                f"`pulumi {' '.join(words[:2])}` failed: {done.stderr.strip()[-800:]}",
                remedy="`sslab doctor` checks the tools",
            )
        return done.stdout

    def _foreground(self, words: list[str]) -> int:
        """Run Pulumi in this terminal; Ctrl-C reaches it, and it ends in good order."""
        process = subprocess.Popen(
            [self._pulumi(), *words, "--stack", self._site.name],
            cwd=self._repository,
            # with debug commands Pulumi has the option --event-log, as its Automation API uses it
            env={**self._environment, "PULUMI_DEBUG_COMMANDS": "true"},
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
