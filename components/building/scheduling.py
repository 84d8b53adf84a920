"""The queues of a site, where it has them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.building.site import Building
from components.scheduling import Scheduling, SchedulingArgs
from sslab.catalogue import jobs
from sslab.catalogue.layers import LAYER_NAMESPACES
from sslab.site.scheduling import Kueue


def build(building: Building) -> Mapping[str, pulumi.Output[str]]:
    """Return the namespaces of the patterns, known once the queues in them are there."""
    offered = building.site.scheduling
    namespaces = {name: building.names[name] for name in sorted(building.args.patterns)}
    if not isinstance(offered, Kueue):
        return namespaces
    queues = Scheduling(
        "scheduling",
        SchedulingArgs(
            namespace=building.names[LAYER_NAMESPACES["Scheduling"]],
            image=building.args.images["kueue"],
            chart=building.args.charts["kueue"],
            groups=offered.groups,
            namespaces=namespaces,
            house=building.house,
        ),
        opts=building.layer,
    ).namespaces
    # a pattern that names no queue does not wait for Kueue
    waits = {
        name for name, settings in building.site.patterns.items() if any(jobs.queues(settings))
    }
    return {name: queues[name] if name in waits else own for name, own in namespaces.items()}
