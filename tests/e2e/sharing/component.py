"""A Job that writes into a shared folder, and one that reads there."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.place import PatternComponent, Place
from components.storage import SharedFolder
from sslab.site.types import Model

WRITE = "open('/shared/note', 'w').write('hello')"
READ = "assert open('/shared/note').read() == 'hello'"


class Sharing(pulumi.ComponentResource):
    """A shared folder; on a file server nobody mounts it, where the kernel has no NFS."""

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions) -> None:
        super().__init__("ssl:patterns:Sharing", name, None, opts)
        on_class = place.storage.rwx_class is not None
        claim = "shared" if on_class else "shared-nfs"
        folder = place.storage.shared(claim, place.namespace, "1Gi", self)
        assert folder is not None, "placement has refused such a site already"
        if on_class:
            writer = self._job("writer", WRITE, folder, place, [])
            self._job("reader", READ, folder, place, [writer])
        self.register_outputs({})

    def _job(
        self, name: str, program: str, folder: SharedFolder, place: Place, after: list[Job]
    ) -> Job:
        container = workloads.container(
            name,
            place.image,
            workloads.resources(place.house, "50m", "64Mi"),
            mounts=[folder.mount("shared", "/shared")],
        )
        container.command = ["/opt/app/bin/python", "-c", program]
        pod = workloads.pod(
            place.house,
            name,
            [container],
            volumes=[folder.volume("shared")],
            restart_policy="Never",
        )
        return Job(
            name,
            JobInitArgs(
                metadata=ObjectMetaArgs(name=name, namespace=place.namespace),
                spec=JobSpecArgs(backoff_limit=1, template=pod),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )


def component(_: Model) -> PatternComponent:
    """Return the function that makes the pattern."""
    return lambda name, place, opts: Sharing(name, place, opts)
