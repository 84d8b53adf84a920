"""Which Jobs start when: by queues with a quota for each group, or as soon as they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sslab.catalogue import jobs
from sslab.site.document import Document
from sslab.site.substrate import Nothing
from sslab.site.types import DnsLabel, Model, Quantity

if TYPE_CHECKING:
    from sslab.site.diagnostics import Diagnostic
    from sslab.site.model import Site


class GroupQuota(Model):
    """What the Jobs of one group may request together while they run."""

    cpu: Quantity = Field(description="CPU cores.")
    memory: Quantity = Field(description="Memory, in bytes.")


class Kueue(Model):
    """Kueue, which the laboratory runs: Jobs in a queue wait until their group's quota has room."""

    kind: Literal["kueue"]
    groups: Mapping[DnsLabel, GroupQuota] = Field(
        min_length=1,
        description="The quota of each group. A Job is in its queue by the label "
        "`kueue.x-k8s.io/queue-name`, a pattern or one of its jobs by its setting `queue`; what "
        "names no queue does not wait.",
        examples=[{"cms": {"cpu": "1", "memory": "2Gi"}}],
    )


Scheduling = Annotated[Kueue | Nothing, Field(discriminator="kind")]


def own_kueue(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield why the laboratory cannot run Kueue at a site that asks for it."""
    given = site.privilege
    if isinstance(site.scheduling, Kueue) and not (given.scope == "cluster" and given.crds):
        yield document.at_value(
            ("scheduling", "kind"),
            "Kueue defines kinds of objects, which privilege forbids",
            'write "privilege: {scope: cluster, crds: true}" if the administrators agree, or '
            "delete scheduling",
        )


def queues(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield the patterns whose queue is that of no group."""
    groups = site.scheduling.groups if isinstance(site.scheduling, Kueue) else {}
    asked = (
        (("patterns", name, *path), queue)
        for name, settings in site.patterns.items()
        for path, queue in jobs.queues(settings)
    )
    for path, queue in asked:
        if queue not in groups:
            known = f"one of {', '.join(groups)}" if groups else "a group of scheduling.groups"
            yield document.at_value(
                path, f'"{queue}" is the queue of no group', f"write {known}, or delete queue"
            )
