"""The credentials of a site's stack: which there are, one that the site gives, and new ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sslab.catalogue.contract import Contract
from sslab.catalogue.secrets import OF_NODES, SecretSpec, known_secrets
from sslab.engine import credentials, secrets_file
from sslab.engine.errors import EngineError
from sslab.engine.secrets_users import User, users
from sslab.engine.stack import Stack
from sslab.site.model import Site
from sslab.site.spelling import closest


@dataclass(frozen=True)
class Credential:
    """One that a stack has or should have: never its value.

    `set_on` is the day of the commit that brought the value; None where git does not know.
    """

    spec: SecretSpec
    present: bool
    encrypted: bool
    set_on: str | None
    users: tuple[User, ...]

    @property
    def problem(self) -> str | None:
        """What is wrong with it, if anything."""
        if self.present and not self.encrypted:
            return "in plain text"
        return "missing" if self.spec.needed and not self.present else None


@dataclass(frozen=True)
class Listing:
    """What a stack's file has of credentials; `unused` are keys that nothing asks for any more."""

    credentials: tuple[Credential, ...]
    unused: tuple[str, ...]


def listing(repository: Path, site: Site, contracts: Mapping[str, Contract]) -> Listing:
    """Return the credentials of a site's stack. Neither passphrase nor cluster is needed."""
    specs = known_secrets(site, contracts)
    file = secrets_file.path(repository, site.name)
    there, days = secrets_file.keys(file), secrets_file.days(repository, file)
    asking = users(repository, site, specs)
    found = tuple(
        Credential(
            spec=spec,
            present=spec.key in there,
            encrypted=there.get(spec.key, False),
            set_on=days.get(spec.key),
            users=asking[spec.key],
        )
        for spec in specs
    )
    known = {spec.key for spec in specs}
    return Listing(found, tuple(sorted(there.keys() - known)))


def give(stack: Stack, site: Site, contracts: Mapping[str, Contract], key: str, value: str) -> None:
    """Put a value that the site gives into the stack's file, which is made where it is not there.

    Raises EngineError, and changes nothing, where the key is unknown or the value looks wrong.
    """
    spec = spec_of(site, contracts, key)
    if not spec.shape.fits(value):
        raise EngineError(
            f"{key}: this value, of {len(value)} characters, cannot be right (it is not shown)",
            remedy=f"expected are {spec.shape.words}; nothing was changed",
        )
    stack.make()
    stack.encrypt({key: value})


def renew(stack: Stack, specs: Collection[SecretSpec]) -> None:
    """Make new values for credentials: for all of them, or where that fails for none."""
    stack.make()
    stack.encrypt({spec.key: credentials.made(spec.recipe) for spec in specs if spec.recipe})


def renewable(
    site: Site, contracts: Mapping[str, Contract], keys: Collection[str]
) -> tuple[SecretSpec, ...]:
    """Return the credentials that are called so. Raises EngineError where the site gives one."""
    specs = tuple(spec_of(site, contracts, key) for key in dict.fromkeys(keys))
    given = [spec.key for spec in specs if spec.recipe is None]
    if given:
        raise EngineError(
            f"{', '.join(given)}: not made here, but given to {site.name}: {_giver(specs)}",
            remedy=f"get a new one there, and `sslab secrets set {site.name} {given[0]}` takes it; "
            "nothing was changed",
        )
    return specs


def all_renewable(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    """Return the credentials that are made here, but for those of nodes."""
    return tuple(
        spec
        for spec in known_secrets(site, contracts)
        if spec.recipe is not None and spec.key not in OF_NODES
    )


def spec_of(site: Site, contracts: Mapping[str, Contract], key: str) -> SecretSpec:
    """Return the credential of a key. Raises EngineError where there is none."""
    specs = {spec.key: spec for spec in known_secrets(site, contracts)}
    if key in specs:
        return specs[key]
    meant = closest(key, specs)
    hint = f"did you mean {meant}? " if meant else ""
    raise EngineError(
        f"{site.name} has no credential {key}",
        remedy=f"{hint}there are: {', '.join(specs) or 'none'}",
    )


def _giver(specs: Collection[SecretSpec]) -> str:
    return ", ".join(dict.fromkeys(spec.purpose for spec in specs if spec.recipe is None))
