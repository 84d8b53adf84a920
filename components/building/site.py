"""What the layers of a site are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.buckets import Credentials
from components.charts import ChartRules
from components.clusters.outputs import ClusterOutputs
from components.place import PatternComponent
from components.workloads import HouseRules
from sslab.catalogue.charts import ChartSource
from sslab.catalogue.contract import Contract, PublishedChart
from sslab.catalogue.secrets import bucket_keys
from sslab.cluster.access import ClusterAccess
from sslab.site.model import Site
from sslab.toolchain.charts import ChartFolder
from sslab.toolchain.sites import Published


@dataclass(frozen=True, kw_only=True)
class LaboratoryArgs:
    """A site, and what the program has looked up for it.

    `images` maps a folder of images/ to a reference, `secrets` a configuration key to its value,
    `patterns` the name of each pattern to run to the function that makes it, `contracts` to its
    contract. `kubeconfig`, content or path, takes the place of that of a cluster which is made.
    `charts` are those of Go modules, `published` the site's published ones.
    """

    site: Site
    access: ClusterAccess
    images: Mapping[str, str]
    charts: Mapping[str, ChartFolder]
    secrets: Mapping[str, pulumi.Output[str]]
    patterns: Mapping[str, PatternComponent]
    contracts: Mapping[str, Contract]
    kubeconfig: pulumi.Output[str] | None = None
    published: Published = field(default_factory=Published)


@dataclass(frozen=True, kw_only=True)
class Building:
    """The laboratory while it is built.

    `made` is the cluster where the laboratory makes it. `names` has the namespace of each layer and
    pattern, by the name that it has or would have of its own. `layer` are the options of every
    layer: its parent, and the provider of the cluster.
    """

    args: LaboratoryArgs
    made: ClusterOutputs | None
    names: Mapping[str, pulumi.Output[str]]
    layer: pulumi.ResourceOptions

    @property
    def site(self) -> Site:
        """The site."""
        return self.args.site

    @property
    def house(self) -> HouseRules:
        """What the site asks of every pod."""
        return house_rules(self.site)

    @property
    def chart_rules(self) -> ChartRules:
        """What the site asks of the pods of published charts, and what shows their objects."""
        return ChartRules(
            mirror=self.site.registry.mirror,
            pull_secret=self.site.registry.pull_secret,
            template=self.args.published.template,
        )

    def chart(self, chart: PublishedChart) -> ChartSource:
        """Return where the site takes a published chart from."""
        return self.args.published.sources[chart.name]

    def credentials(self, identity: str) -> Credentials:
        """Return the keys of an identity of the object storage that the stack has."""
        return Credentials(*(self.args.secrets[key] for key in bucket_keys(identity)))


def house_rules(site: Site) -> HouseRules:
    """Return what a site asks of every pod."""
    return HouseRules(
        limits_over_requests_percent=site.rules.limits_over_requests_percent,
        pull_secret=site.registry.pull_secret,
    )
