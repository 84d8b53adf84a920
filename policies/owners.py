"""Which component a resource belongs to, and so which powers it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sslab.catalogue.contract import Powers
from sslab.catalogue.layers import LAYER_POWERS
from sslab.catalogue.loading import load_contracts


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

    def _pattern(self, kind: str) -> Powers:
        for name, powers in self.patterns.items():
            if name.replace("-", "") == kind.lower():
                return powers
        return Powers()


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
