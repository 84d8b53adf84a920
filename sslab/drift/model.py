"""Drift as data: what of a site differs from what was deployed, and who changed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["clean", "drifted", "unknown"]


@dataclass(frozen=True)
class FieldDrift:
    """One field that differs; a side is None where the field is not there.

    `by` is the field's last manager in the cluster and `at` the time of its last change, None where
    nothing tells.
    """

    path: str
    deployed: Any
    found: Any
    by: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class ObjectDrift:
    """One object that differs from what was deployed, or is gone.

    `type` is Pulumi's (`kubernetes:apps/v1:Deployment`), `name` the namespace and the name.
    """

    type: str
    name: str
    change: Literal["changed", "gone"]
    fields: tuple[FieldDrift, ...] = ()

    @property
    def label(self) -> str:
        """How a person calls it: `Deployment traefik/traefik`."""
        return f"{self.type.rpartition(':')[2]} {self.name}"


@dataclass(frozen=True)
class SiteDrift:
    """What is known of one site. `why` says why nothing is, and what to do about it."""

    site: str
    status: Status
    objects: tuple[ObjectDrift, ...] = ()
    why: str = ""


def exit_code(sites: Iterable[SiteDrift]) -> int:
    """Return 0 when all are clean, 1 when one has drifted, else 3: one is unknown."""
    statuses = {site.status for site in sites}
    if "drifted" in statuses:
        return 1
    return 3 if "unknown" in statuses else 0
