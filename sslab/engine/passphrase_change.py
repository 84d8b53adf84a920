"""Encrypting a site's stack with a new passphrase, so that nothing is lost when it is killed.

Pulumi writes the stack's file twice (the new salt, then the values) and the state once. Before
that the file is copied and the new passphrase kept beside the old one; afterwards the new one takes
the old one's place. What a killed run has left is told by the salts, of which each passphrase has
its own: the next one goes on from there, or back.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from sslab.engine import passphrases, secrets_file
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.site.model import Site


class PassphraseChange:
    """A change of the passphrase of one site; `environment` is what `prepare` returned.

    Raises EngineError where the stack has none, or it is not in a file.
    """

    def __init__(self, repository: Path, site: Site, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._site = site
        self._environment = environment
        self._configuration = secrets_file.path(repository, site.name)
        self._file = _file(site, self._configuration, environment)
        self._new = passphrases.new_one(self._file)
        self._before = passphrases.stack_before(self._file)

    def make(self) -> str:
        """Make a new passphrase and encrypt everything with it; return what was done."""
        if self.finish():
            return "the change that was interrupted is finished"
        stack = self._stack(self._file)
        stack.require_unlocked()
        values, state = stack.secret_values(), stack.state()
        part = self._before.with_suffix(".part")
        shutil.copy2(self._configuration, part)
        part.replace(self._before)  # whole, or not there: half of it would tell another salt
        passphrase = secrets.token_urlsafe(32)
        _write(self._new, f"{passphrase}\n")
        try:
            stack.reencrypt(passphrase)
        except EngineError:  # somebody deploys, for example, and holds the state's lock
            self.finish()
            raise
        changed = self._stack(self._new)
        if changed.secret_values() != values or _secret(changed.state()) != _secret(state):
            raise EngineError(
                f"what Pulumi has encrypted anew for {self._site.name} is not what it was before",
                remedy=f"the file as it was is {self._before}, and the old passphrase in place",
            )
        self._keep()
        return "everything is encrypted with a new passphrase"

    def finish(self) -> bool:
        """Go on with a change that was interrupted, or back; return whether it is done now."""
        if not self._before.exists():
            return False
        begun = secrets_file.salt(self._configuration) != secrets_file.salt(self._before)
        if begun and not self._new.exists():
            self._before.unlink()
            return True
        if begun and self._stack(self._new).state_salt() == secrets_file.salt(self._configuration):
            self._keep()
            return True
        if begun:
            with secrets_file.replaced(self._configuration) as draft:
                shutil.copy2(self._before, draft)
        self._new.unlink(missing_ok=True)
        self._before.unlink()
        return False

    def _keep(self) -> None:
        """Let the new passphrase take the old one's place."""
        self._new.replace(self._file)
        self._before.unlink()

    def _stack(self, passphrase: Path) -> Stack:
        environment = {**self._environment, passphrases.FILE: str(passphrase)}
        return Stack(self._repository, self._site, environment)


def _file(site: Site, configuration: Path, environment: Mapping[str, str]) -> Path:
    passphrases.told(site.name, configuration, environment)
    file = passphrases.file_of(environment)
    if file is None:
        raise EngineError(
            f"the passphrase of {site.name} is in {passphrases.TEXT}, where no new one can be kept",
            remedy=f"unset it, and name a file with the passphrase in {passphrases.FILE}",
        )
    return file


def _secret(state: object) -> object:
    """Return what of a state stays the same: its resources, not what encrypts them."""
    deployment = state.get("deployment") if isinstance(state, dict) else None
    return (deployment or {}).get("resources")


def _write(file: Path, text: str) -> None:
    """Write a file that its owner alone can read, and that is there after a power failure."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(descriptor)
