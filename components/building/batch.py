"""The batch systems of a site that take work."""

from __future__ import annotations

from components.batch import PORTS, BatchSystem
from components.building.site import Building
from sslab.catalogue.secrets import batch_token


def build(building: Building) -> tuple[BatchSystem, ...]:
    """Return the systems whose host is known, in the order of the site file."""
    return tuple(
        BatchSystem(
            kind=each.kind,
            host=each.endpoint,
            port=each.port or PORTS[each.kind],
            token=building.args.secrets.get(batch_token(each.kind)),
        )
        for each in building.site.batch
        if each.endpoint is not None
    )
