"""Published Helm charts, whose pods keep to what the site asks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor
from pulumi_kubernetes.helm.v4 import Chart, ChartArgs

from components.protection import protected_in_chart
from sslab.catalogue.charts import ChartSource
from sslab.kubernetes.kinds import POD_SPECS


@dataclass(frozen=True, kw_only=True)
class PodRules:
    """What a site asks of a chart's pods: the mirror of images, and the registry's Secret."""

    mirror: str | None
    pull_secret: str | None


def published(
    name: str,
    source: ChartSource,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    rules: PodRules,
    parent: pulumi.Resource,
) -> Chart:
    """Return a chart with its objects, each as the site wants it."""
    options = pulumi.ResourceOptions(parent=parent)
    # where the program is recorded for a plan there is no engine that could call back
    if isinstance(get_monitor(), ResourceMonitorStub):
        options.transforms = [lambda each: _transformed(each, rules), protected_in_chart]
    return Chart(
        name,
        ChartArgs(
            chart=source.chart, version=source.version, namespace=namespace, values=dict(values)
        ),
        opts=options,
    )


def _transformed(
    resource: pulumi.ResourceTransformArgs, rules: PodRules
) -> pulumi.ResourceTransformResult | None:
    """Return an object that has pods with its pods changed; None leaves it as it is."""
    token = resource.type_
    kind = f"{token.split(':')[1].partition('/')[0]}/{token.rpartition(':')[2]}"
    if not token.startswith("kubernetes:") or kind not in POD_SPECS:
        return None
    props: dict[str, Any] = dict(resource.props)
    holder = props
    for step in POD_SPECS[kind]:
        holder[step] = dict(holder[step])
        holder = holder[step]
    holder.update(pod_changes(holder, rules))
    return pulumi.ResourceTransformResult(props, resource.opts)


def pod_changes(spec: Mapping[str, Any], rules: PodRules) -> dict[str, Any]:
    """Return the fields of a pod's specification that a site wants otherwise.

    A pod without a service account of its own gets no API token.
    """
    changes: dict[str, Any] = {}
    if rules.mirror is not None:
        for field in ("containers", "initContainers"):
            if spec.get(field):
                changes[field] = [
                    {**each, "image": from_mirror(each["image"], rules.mirror)}
                    for each in spec[field]
                ]
    if rules.pull_secret is not None:
        changes["imagePullSecrets"] = [{"name": rules.pull_secret}]
    if spec.get("serviceAccountName") in (None, "", "default"):
        changes["automountServiceAccountToken"] = False
    return changes


def from_mirror(image: str, mirror: str) -> str:
    """Return an image's reference with the mirror in place of its registry."""
    registry, slash, path = image.partition("/")
    if slash and (set(registry) & set(".:") or registry == "localhost"):
        return image if image.startswith(f"{mirror}/") else f"{mirror}/{path}"
    # Docker Hub's, whose own images are in `library`
    return f"{mirror}/{image if slash else f'library/{image}'}"
