"""A pattern for tests, laid into a copy of the clone: a Job that reads one file of CVMFS."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.place import PatternComponent, Place
from sslab.site.types import Model

CONTRACT = """\
name: reader
title: Reader
summary: Reads one file of CVMFS.
licence: MIT
image: squid
needs: {cpu: 50m, memory: 64Mi, cvmfs: [sft.cern.ch]}
"""
SETTINGS = """\
from sslab.site.types import Model


class Settings(Model):
    pass
"""


class Reader(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions) -> None:
        super().__init__("ssl:patterns:Reader", name, None, opts)
        assert place.cvmfs is not None
        reading = workloads.container(
            name,
            place.image,
            workloads.resources(place.house, "50m", "64Mi"),
            mounts=[place.cvmfs.mount],
        )
        # the image's own program is not wanted here
        reading.command = ["/bin/cat", "/cvmfs/sft.cern.ch/README"]
        Job(
            name,
            JobInitArgs(
                metadata=ObjectMetaArgs(name=name, namespace=place.namespace),
                spec=JobSpecArgs(
                    backoff_limit=0,
                    template=workloads.pod(
                        place.house,
                        name,
                        [reading],
                        volumes=[place.cvmfs.volume],
                        restart_policy="Never",
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def component(_: Model) -> PatternComponent:
    """Return the function that makes the pattern."""
    return lambda name, place, opts: Reader(name, place, opts)
