"""Taking away what a survey says, and looking at what was left."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sslab.destroying.live import Live, Thing, Volume
from sslab.destroying.survey import SYSTEM, Survey, things
from sslab.engine.inventory import Inventory

WAIT_S = 90.0
"""How long a volume may be there after its claim: a cloud's disk takes a while."""

_ROUND_S = 2.0
_CLAIM = "PersistentVolumeClaim"


class Stack(Protocol):
    """What of `sslab.engine.stack.Stack` is used here."""

    def inventory(self) -> Inventory:
        """Return what is deployed."""

    def unprotect(self, urns: list[str]) -> None:
        """Let resources go."""

    def destroy(self, keep: list[str], *, with_data: bool) -> None:
        """Delete all but what is kept."""


@dataclass(frozen=True)
class Left:
    """What was left behind.

    `kept` is what was to be kept. `foreign` is what somebody else has in the namespaces, `volumes`
    those that their policy keeps. `unexpected` should have gone.
    """

    kept: tuple[str, ...] = ()
    foreign: tuple[Thing, ...] = ()
    volumes: tuple[Volume, ...] = ()
    retained: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()


def carry_out(found: Survey, stack: Stack, live: Live | None, *, own_cluster: bool) -> Left:
    """Take away what a survey says goes. Raises EngineError where it does not.

    With `own_cluster`, the cluster is the laboratory's and may go too: first all that is on it, so
    that the disks of its volumes are not left behind, and then the cluster.
    """
    left = Left()
    stack.unprotect(list(found.unprotected))  # of what is gone Pulumi has no name any more
    if found.with_data and own_cluster and live is not None:
        # Pulumi keeps what a kept one needs: a chart, a component, needs objects on the cluster
        cluster = [
            each.urn for each in found.inventory.resources if each.custom and not each.on_cluster
        ]
        stack.destroy(cluster, with_data=True)
        left = look(found, live)
        live = None
    stack.destroy(sorted(found.kept), with_data=found.with_data)
    if live is not None:
        left = look(found, live)
    remembered = [each for each in stack.inventory().resources if each.is_thing]
    return Left(
        kept=tuple(each.names[0] for each in remembered if each.urn in found.kept),
        foreign=left.foreign,
        volumes=left.volumes,
        retained=tuple(each.names[0] for each in found.goes if each.retained),
        unexpected=(
            *left.unexpected,
            *(f"{each.names[0]} (in Pulumi's books)" for each in remembered
              if each.urn not in found.kept),
        ),
    )  # fmt: skip


def look(found: Survey, live: Live) -> Left:
    """Return what is in the cluster of what a survey is about, once the volumes are gone."""
    kinds = live.kinds()
    there = {thing for name in found.namespaces for thing in live.inside(name, kinds)}
    gone = set(things(each for each in found.goes if not each.retained))
    there |= live.of_cluster(each for each in gone if not each.namespace)
    claims = {f"{each.namespace}/{each.name}" for each in there if each.kind == _CLAIM}
    volumes = _volumes(found, live, claims)
    foreign = {each for each in there - found.ours if each.namespace not in SYSTEM | {""}}
    return Left(
        foreign=tuple(sorted(foreign)),
        volumes=tuple(each for each in volumes if each.retained),
        unexpected=(
            *map(str, sorted(there & gone)),
            *(f"volume {each.name} of the claim {each.claim}" for each in volumes
              if not each.retained),
        ),
    )  # fmt: skip


def _volumes(found: Survey, live: Live, claims: Collection[str]) -> tuple[Volume, ...]:
    """Return the volumes of claims that are gone, after a while for those that go as well."""
    deadline = time.monotonic() + WAIT_S
    while True:
        volumes = live.volumes(found.namespaces) or ()
        left = tuple(each for each in volumes if each.claim not in claims)
        if all(each.retained for each in left) or time.monotonic() > deadline:
            return left
        time.sleep(_ROUND_S)
