"""What the laboratory hands to a pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pulumi
from pulumi_kubernetes.helm.v4 import Chart

from components import charts
from components.batch import BatchSystem
from components.buckets import Bucket
from components.charts import Amend, ChartRules
from components.cvmfs import CvmfsMount
from components.identity import Identity
from components.ingress import Backend, Ingress
from components.storage import Storage
from components.values import Values
from components.workloads import HouseRules
from sslab.catalogue.charts import ChartSource


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the laboratory hands to a pattern: the outputs of the layers that the site has.

    `batch` is empty where the pattern's contract does not ask for it.
    `identity` is there where the pattern's users log in; with `login_in_front` they do so before
    they reach anything that the pattern routes to. `other_images`, `passwords` and `credentials`
    are those that its contract names, by the same names; a credential is as a file has it: its last
    line has an end. `cluster_domain` is the DNS domain of
    Services.
    `image` is empty where the contract names none: the pods are those of its `charts`. `address`
    returns the URL of a service. `registry` is where the site's own images are pushed to, a host
    with or without a path.
    """

    namespace: pulumi.Output[str]
    image: str
    storage: Storage
    ingress: Ingress | None
    bucket: Bucket | None
    batch: tuple[BatchSystem, ...]
    house: HouseRules
    cvmfs: CvmfsMount | None = None
    identity: Identity | None = None
    login_in_front: bool = False
    other_images: Mapping[str, str] = field(default_factory=dict)
    passwords: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    credentials: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    cluster_domain: str = "cluster.local"
    address: Callable[[str], str] | None = None
    registry: str | None = None
    charts: Mapping[str, ChartSource] = field(default_factory=dict)
    chart_rules: ChartRules = field(default_factory=ChartRules)

    def chart(
        self, name: str, values: Values, parent: pulumi.Resource, amend: Amend | None = None
    ) -> Chart:
        """Make the chart of the contract that is called `name`, with values that are typed.

        `amend` returns an object of the chart as the pattern wants it, where no value does that.
        """
        rules = replace(self.chart_rules, amend=amend)
        source, told = self.charts[name], values.as_values()
        return charts.published(name, source, self.namespace, told, rules, parent)

    def url(self, name: str) -> str:
        """Return where `name` is reached from outside, without a trailing slash.

        Raises ValueError where nothing leads into the cluster: placement has refused such a site.
        """
        if self.ingress is None or self.address is None:
            raise ValueError(f"{name} has to be reached from outside, and the site has no ingress")
        return self.address(name)

    def route(
        self, name: str, service: pulumi.Input[str], port: int, parent: pulumi.Resource
    ) -> None:
        """Make a Service answer at `<name>.<domain>`, where anything leads into the cluster."""
        if self.ingress is None:
            return
        backend = Backend(namespace=self.namespace, service=service, port=port)
        if self.login_in_front:
            if self.identity is None:  # placement has refused such a site already
                raise ValueError(f"{name} is open to nobody: the site has no login")
            backend = self.identity.in_front_of(name, backend, parent)
        self.ingress.route(name, backend, parent)


PatternComponent = Callable[[str, Place, pulumi.ResourceOptions], pulumi.ComponentResource]
