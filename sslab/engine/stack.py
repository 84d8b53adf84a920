"""One site's stack: making it, its secrets, `up`, and taking it away."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, required_secrets
from sslab.cluster.access import embedded, made_in_a_cloud
from sslab.engine import (
    credentials,
    lock_folder,
    locks,
    passphrases,
    recovery,
    refusals,
    secrets_file,
    state,
)
from sslab.engine.environment import passphrase_file
from sslab.engine.errors import EngineError
from sslab.engine.inventory import Inventory
from sslab.engine.pulumi import Pulumi
from sslab.engine.secrets_file import PROJECT
from sslab.progress import Progress
from sslab.safety.lines import Lines
from sslab.site.model import Site

TAIL = 25


class Stack:
    """The Pulumi stack of one site; `environment` is what `prepare` returned."""

    def __init__(self, repository: Path, site: Site, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._site = site
        self._pulumi = Pulumi(repository, site, environment)
        self._was_killed = False
        self._place = environment.get(state.VARIABLE, "")
        self._configuration = secrets_file.path(repository, site.name)

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
        if self.summary() is None:
            lock_folder.keep(self._place, PROJECT, self._site.name)
            provider = secrets_file.provider(self._configuration) or secrets_file.PASSPHRASE
            self._pulumi.run("stack", "init", self._site.name, "--secrets-provider", provider)

    def encrypt(self, values: Mapping[str, str]) -> None:
        """Put credentials into the stack's file: all of them or, where one fails, none."""
        if not values:
            return
        with secrets_file.replaced(self._configuration) as draft:
            for key, value in values.items():
                # by standard input: a command line is readable by every user of the machine
                words = ("config", "set", "--secret", f"{PROJECT}:{key}")
                self._pulumi.run(*words, "--config-file", str(draft), stdin=value)

    def secret_values(self) -> dict[str, str]:
        """Return the stack's decrypted configuration, by key without the project's name.

        With it comes what a cloud has made for the stack: keys of buckets, a kubeconfig.
        """
        return self._given() | (self.outputs() if made_in_a_cloud(self._site) else {})

    def outputs(self) -> dict[str, str]:
        """Return what the deployment has told of what it made, with secrets readable."""
        shown = json.loads(self._pulumi.run("stack", "output", "--show-secrets", "--json"))
        return {name: str(value) for name, value in shown.items()}

    def history(self, most: int) -> list[dict[str, Any]]:
        """Return the last updates as Pulumi has recorded them, the newest first."""
        if self.summary() is None:
            return []
        shown = self._pulumi.run("stack", "history", "--json", "--page-size", str(most))
        recorded: list[dict[str, Any]] = json.loads(shown or "[]") or []
        return recorded

    def inventory(self) -> Inventory:
        """Return what is deployed, as Pulumi remembers it; nothing where there is no stack."""
        if self.summary() is None:
            return Inventory()
        return Inventory.read(json.loads(self._pulumi.run("stack", "export")))

    def unprotect(self, urns: Sequence[str]) -> None:
        """Let the next deployment delete or replace resources."""
        if urns:
            self._pulumi.run("state", "unprotect", *urns, "--yes")

    def up(self, *, refresh: bool, interactive: bool) -> None:
        """Deploy with the policy pack; Pulumi's own display goes to this terminal.

        `refresh` reads what is really there first, and takes back the fields of an object that
        somebody else has changed. `interactive` shows the preview and asks. Raises EngineError.
        """
        self.require_unlocked()
        self._was_killed = killed = self._killed()
        # else the API server refuses to set a field that has got another manager
        forced = recovery.FORCED if refresh or killed else {}
        words = ["up", "--policy-pack", "policies", "--suppress-permalink"]
        words += [] if interactive else ["--yes", "--skip-preview"]
        words += ["--refresh"] if refresh or killed else []
        if not sys.stdout.isatty():
            words += ["--non-interactive", "--color", "never", "--suppress-outputs"]
            words += ["--suppress-progress"]
        errors = self._errors_of(words, **forced)
        if errors is None:
            return
        self.require_unlocked()  # somebody may have been a moment faster
        meaning = self._protected(errors) or refusals.explained(self._site, errors)
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
        done = self._pulumi.tried("stack", "rename", name, "--stack", name)
        held = locks.told(done.stderr)
        if not held and not re.search("already exists|no stack named", done.stderr):
            raise self._pulumi.failure(("stack", "rename"), done.stderr)
        return held

    def require_unlocked(self) -> None:
        """Release what a killed run of this user left on this machine.

        Raises EngineError that explains any other lock.
        """
        held = self.held()
        if not held:
            return
        if all(lock.left_by_us for lock in held):
            self._pulumi.end_orphans()
            self.unlock()
            Progress().line(f"  released what a killed run had left: {held[0]}")
            return
        raise EngineError(
            f"{self._site.name} is {'; '.join(map(str, held))}",
            remedy=f"wait for it, or `sslab state unlock {self._site.name}`",
        )

    def unlock(self) -> None:
        """Release every lock of the stack, whoever holds it."""
        self._pulumi.run("cancel", "--yes")

    def summary(self) -> dict[str, Any] | None:
        """Return what Pulumi says of the stack in a list, None where there is no such stack."""
        listed = json.loads(self._pulumi.run("stack", "ls", "--json", stack=False))
        named = {entry["name"].rpartition("/")[2]: entry for entry in listed}
        return named.get(self._site.name)

    def pending(self) -> int:
        """Return how many operations a killed deployment had begun, of unknown end."""
        return len(recovery.begun(json.loads(self._pulumi.run("stack", "export"))))

    def _killed(self) -> bool:
        """Tell whether the last deployment was killed.

        Raises EngineError where a cloud may have made something.
        """
        exported = json.loads(self._pulumi.run("stack", "export"))
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
        exported = json.loads(self._pulumi.run("stack", "export"))
        if recovery.creations(exported):
            for line in recovery.relinquish(kubectl, recovery.made(exported)):
                Progress().line(line)
            self._pulumi.run("stack", "import", stdin=json.dumps(recovery.cleared(exported)))

    def remove(self) -> None:
        """Forget the stack and its secrets, without touching the cluster.

        Raises EngineError where there are still resources, but for those of an embedded cluster:
        they go with it, and this works without Pulumi.
        """
        if embedded(self._site):
            state.forget(PROJECT, self._site.name)
        elif self.summary() is not None:
            self.require_unlocked()
            self._pulumi.run("stack", "rm", "--yes", "--remove-backups")
            lock_folder.forget(self._place, PROJECT, self._site.name)
        self._configuration.unlink(missing_ok=True)
        passphrases.forget(passphrase_file(self._site))

    def destroy(self, keep: Sequence[str] = (), *, with_data: bool = False) -> None:
        """Delete what the stack made, but for the URNs to keep and what those need.

        What holds data is refused unless it is kept, or is to go as well.
        """
        words = ["destroy", "--yes", "--skip-preview", "--suppress-permalink"]
        words += ["--ignore-protect"] if with_data else []
        words += [f"--exclude={urn}" for urn in keep]
        if not sys.stdout.isatty():
            words += ["--non-interactive", "--color", "never", "--suppress-progress"]
        self.require_unlocked()
        errors = self._errors_of(words)
        if errors is None:
            return
        meaning = refusals.explained(self._site, errors)
        again = "run the same command again"
        if meaning is not None:
            raise EngineError(f"not everything was destroyed: {meaning}", remedy=f"then {again}")
        raise EngineError(
            "not everything was destroyed; what went wrong stands above",
            remedy=f"mend it and {again}",
        )

    def _errors_of(self, words: Sequence[str], **variables: str) -> tuple[str, ...] | None:
        """Run Pulumi in this terminal; return the errors that it tells, None where it succeeds."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            code = self._pulumi.foreground([*words, "--event-log", str(log)], **variables)
            return None if code == 0 else tuple(refusals.errors_in(log))

    def reencrypt(self, passphrase: str) -> None:
        """Encrypt configuration and state with another passphrase: not in one step, see there."""
        words = ("stack", "change-secrets-provider", secrets_file.PASSPHRASE)
        self._pulumi.run(*words, stdin=f"{passphrase}\n")

    def state(self) -> dict[str, Any]:
        """Return the state with its secrets readable."""
        exported: dict[str, Any] = json.loads(self._pulumi.run("stack", "export", "--show-secrets"))
        return exported

    def state_salt(self) -> str | None:
        """Return what tells one passphrase of the state from another; None where it has none."""
        deployment = json.loads(self._pulumi.run("stack", "export")).get("deployment") or {}
        provider = deployment.get("secrets_providers") or {}
        salt = (provider.get("state") or {}).get("salt")
        return str(salt) if salt else None

    def _given(self) -> dict[str, str]:
        shown = json.loads(self._pulumi.run("config", "--show-secrets", "--json"))
        return {key.partition(":")[2]: str(entry["value"]) for key, entry in shown.items()}

    def _protected(self, errors: Sequence[str]) -> str | None:
        """Return why what holds data may not go, None where that is not what has failed."""
        urns = set(refusals.protected(errors))
        lines = Lines.of(self._site)
        found = [each for each in self.inventory().resources if each.urn in urns] if urns else []
        return "; ".join(lines.refusal(each.names) for each in found) or None

    def _configured(self) -> set[str]:
        """Return the keys in the stack's file, without the project's name."""
        return set(secrets_file.keys(self._configuration))
