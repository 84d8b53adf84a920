"""Rules whose violation is told and stops nothing: what a careful administrator would ask about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.model import Resource, Violation, containers, label, pod_specs, violation
from sslab.site.cluster import LocalCluster

if TYPE_CHECKING:
    from policies.policy import Grants

_SERVING: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"}
)


def readiness_probe(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Ask for a readiness probe of every pod that serves a port for long.

    Without one Kubernetes sends requests to a pod from the moment its processes exist, and an
    update replaces pods that work by others that do not work yet. One container with a probe is
    enough: the pod is ready when all of its containers are.
    """
    if resource.kind not in _SERVING:
        return
    for spec in pod_specs(resource):
        field = spec.child("containers")
        probes = [container.child("readinessProbe") for container in field.items()]
        is_served = any(container.child("ports").given for container in field.items())
        if is_served and not any(probe.given or probe.unknown for probe in probes):
            yield violation(
                "the pod serves a port and has no readiness probe",
                field,
                "it gets requests before it can answer them",
                "add a readinessProbe that asks what the service answers, such as an HTTP path",
            )


def read_only_root(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Ask for root filesystems that cannot be written.

    Whoever breaks into such a container can neither change its programs nor leave new ones there,
    and nothing that should be kept is lost with the container unnoticed.
    """
    for container in containers(resource):
        field = container.child("securityContext", "readOnlyRootFilesystem")
        if field.value is not True and not field.unknown:
            yield violation(
                f"{label(container)} can write to its root filesystem",
                field,
                "its programs could be changed while it runs",
                "set it to true, and mount an emptyDir where the software writes (/tmp)",
            )


def images_within_reach(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Ask for a registry from which the site's nodes pull the laboratory's own images.

    The embedded cluster's node gets them when they are built. Every other cluster needs them in a
    registry, or somebody loads them into each node by hand, as docs/cluster.md tells.
    """
    cluster = grants.site.cluster
    if isinstance(cluster, LocalCluster) and cluster.context is None:
        return
    for container in containers(resource):
        image = container.child("image")
        if image.text and image.text.startswith("ssl.local/"):
            yield violation(
                f"{label(container)} runs an image that is in no registry",
                image,
                "the site's nodes cannot pull it, and its pod does not start unless it is loaded "
                "into each of them by hand",
                f"set registry.images in {grants.site_file}",
            )


def images_from_mirror(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Ask for images from the site's mirror, where it has one.

    A site names a mirror where its nodes reach no registry outside. An image from elsewhere may
    never be pulled there.
    """
    registry = grants.site.registry
    if registry.mirror is None:
        return
    sources = (f"{registry.mirror}/", f"{registry.images or 'ssl.local'}/")
    for container in containers(resource):
        image = container.child("image")
        if image.text and not image.unknown and not image.text.startswith(sources):
            yield violation(
                f"{label(container)} runs an image from outside the site's mirror",
                image,
                f"{grants.site_file} has nodes pull from {registry.mirror} (registry.mirror)",
                f"write {registry.mirror}/ in place of the image's registry",
            )
