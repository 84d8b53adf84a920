"""Published Helm charts, whose pods keep to what the site asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor
from pulumi_kubernetes.helm.v4 import Chart, ChartArgs, RepositoryOptsArgs

from components.protection import holds_data_in_chart, protected_in_chart
from sslab.catalogue.charts import ChartSource
from sslab.kubernetes.kinds import POD_SPECS
from sslab.toolchain.sites import Template

Amend = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ChartRules:
    """What a site asks of a chart's pods: the mirror of images, and the registry's Secret.

    `template` shows a chart's objects where the program is only recorded. `amend` returns an object
    as its pattern wants it, of the object's kind and fields: what a chart has no value for.
    """

    mirror: str | None = None
    pull_secret: str | None = None
    template: Template | None = None
    amend: Amend | None = None


def published(
    name: str,
    source: ChartSource,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    rules: ChartRules,
    parent: pulumi.Resource,
) -> Chart:
    """Return a chart with its objects, each as the site wants it."""
    options = pulumi.ResourceOptions(parent=parent)
    # where the program is recorded for a plan there is no engine that could call back
    deployed = isinstance(get_monitor(), ResourceMonitorStub)
    if deployed:
        options.transforms = [lambda each: _transformed(each, rules), protected_in_chart]
    chart = Chart(
        name,
        ChartArgs(
            chart=source.chart,
            version=source.version,
            repository_opts=RepositoryOptsArgs(repo=source.repository)
            if source.repository
            else None,
            namespace=namespace,
            values=dict(values),
        ),
        opts=options,
    )
    if not deployed and source.at_hand and rules.template is not None:
        _show(name, source, pulumi.Output.all(namespace, dict(values)), rules, chart)
    return chart


def _show(
    name: str,
    source: ChartSource,
    told: pulumi.Output[Sequence[Any]],
    rules: ChartRules,
    chart: Chart,
) -> None:
    """Ask for the objects of a chart as Pulumi's provider would, had it an engine."""
    template = rules.template
    assert template is not None

    def register(known: Sequence[Any]) -> None:
        namespace, values = known
        for each in template(source, name, namespace, values):
            _register(name, each, rules, chart)

    told.apply(register)


def _register(name: str, manifest: Mapping[str, Any], rules: ChartRules, chart: Chart) -> None:
    """Ask for one object, by the token and the name that Pulumi's provider gives it."""
    group, _, version = str(manifest["apiVersion"]).rpartition("/")
    token = f"kubernetes:{group or 'core'}/{version}:{manifest['kind']}"
    metadata = manifest["metadata"]
    own = "/".join(str(metadata[part]) for part in ("namespace", "name") if part in metadata)
    props = _props(token, manifest, rules)
    if token == "kubernetes:core/v1:Secret":
        for field in {"data", "stringData"} & set(props):
            props[field] = pulumi.Output.secret(props[field])
    protect = holds_data_in_chart(token, props)
    pulumi.CustomResource(
        token, f"{name}:{own}", props, pulumi.ResourceOptions(parent=chart, protect=protect)
    )


def _transformed(
    resource: pulumi.ResourceTransformArgs, rules: ChartRules
) -> pulumi.ResourceTransformResult | None:
    """Return an object as the site and its pattern want it; None leaves it as it is."""
    token = resource.type_
    if not token.startswith("kubernetes:") or (rules.amend is None and not _has_pods(token)):
        return None
    props = _props(token, resource.props, rules)
    return pulumi.ResourceTransformResult(props, resource.opts)


def _kind(token: str) -> str:
    return f"{token.split(':')[1].partition('/')[0]}/{token.rpartition(':')[2]}"


def _has_pods(token: str) -> bool:
    return _kind(token) in POD_SPECS


def _props(token: str, given: Mapping[str, Any], rules: ChartRules) -> dict[str, Any]:
    """Return an object's fields as its pattern wants them, those of its pods as the site does."""
    props = dict(given)
    if rules.amend is not None:
        props = rules.amend(token.rpartition(":")[2], props)
    if not _has_pods(token):
        return props
    holder = props
    for step in POD_SPECS[_kind(token)]:
        holder[step] = dict(holder[step])
        holder = holder[step]
    holder.update(pod_changes(holder, rules))
    return props


def pod_changes(spec: Mapping[str, Any], rules: ChartRules) -> dict[str, Any]:
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
