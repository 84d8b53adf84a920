"""Which component a resource belongs to, and so which powers it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from policies.policy import Grants
from sslab.catalogue.contract import Powers
from sslab.catalogue.layers import LAYER_POWERS
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.shares import Share, site_shares
from sslab.errors import SslabError
from sslab.site.model import Site


@dataclass(frozen=True)
class Owners:
    """The powers of every known component.

    `layers` maps the kind of a substrate component (`ssl:components:<Kind>`) to its powers,
    `patterns` the name of a pattern (`fitting-service` for `ssl:patterns:FittingService`).
    """

    layers: Mapping[str, Powers]
    patterns: Mapping[str, Powers]

    def powers(self, urn: str) -> Powers:
        """Return the powers of the innermost known component around a resource.

        A pattern without a contract has none, nor has a resource outside any known component.
        """
        for token in reversed(_type_chain(urn)[:-1]):
            namespace, _, kind = token.rpartition(":")
            if namespace == "ssl:patterns":
                return self._pattern(kind)
            if namespace == "ssl:components" and kind in self.layers:
                return self.layers[kind]
        return Powers()

    def pattern(self, urn: str) -> str | None:
        """Return the name of the pattern that a resource belongs to, None where it is of none."""
        kinds = [token.rpartition(":") for token in _type_chain(urn)[:-1]]
        known = [self._name(kind) for namespace, _, kind in kinds if namespace == "ssl:patterns"]
        return known[-1] if known else None

    def _pattern(self, kind: str) -> Powers:
        return self.patterns.get(self._name(kind) or "", Powers())

    def _name(self, kind: str) -> str | None:
        return next((each for each in self.patterns if each.replace("-", "") == kind.lower()), None)


def grants_of(repository: Path, owners: Owners, site: Site) -> Callable[[str], Grants]:
    """Return what finds by its URN what a resource of a site may do.

    Raises ContractError with all that is wrong in any pattern's contract.
    """
    contracts = load_contracts(repository)
    given: Mapping[str, Share] = {}
    with suppress(SslabError):  # less than the patterns need: the program refuses that itself
        given = site_shares(site, contracts)
    return lambda urn: Grants(owners.powers(urn), site, given.get(owners.pattern(urn) or ""))


def known_owners(repository: Path) -> Owners:
    """Return the powers of the layers and of the patterns in a repository.

    Raises ContractError with all that is wrong in any pattern's contract.
    """
    contracts = load_contracts(repository)
    return Owners(LAYER_POWERS, {name: contract.powers for name, contract in contracts.items()})


def _type_chain(urn: str) -> list[str]:
    """Split `urn:pulumi:<stack>::<project>::<outer type>$...$<own type>::<name>`."""
    parts = urn.split("::", 3)
    return parts[2].split("$") if len(parts) == 4 else []
