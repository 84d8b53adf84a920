"""The program that Pulumi runs: the stack's name is the site's."""

import pulumi

import patterns
from components.building.site import LaboratoryArgs
from components.laboratory import Laboratory
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, secret_keys
from sslab.cluster.access import kubeconfig
from sslab.errors import SslabError
from sslab.images import content
from sslab.repository import repository_root
from sslab.site.loading import load_site
from sslab.toolchain.sites import chart_folders, published

config = pulumi.Config()
try:
    root = repository_root()
    site = load_site(root / "sites" / f"{pulumi.get_stack()}.yaml")
    contracts = load_contracts(root)
    keys = [key for key in secret_keys(site, contracts) if config.get(key) is not None]
    require_secrets(site, keys, contracts)
    args = LaboratoryArgs(
        site=site,
        access=kubeconfig(site),
        images=content.references(root, site.registry.images or content.REGISTRY),
        charts=chart_folders(site, root),
        secrets={key: config.require_secret(key) for key in keys},
        patterns=patterns.of_site(site),
        contracts=contracts,
        kubeconfig=config.get_secret("kubeconfig"),
        published=published(site, contracts, root),
    )
    for output, value in Laboratory("laboratory", args).outputs.items():
        pulumi.export(output, value)
except SslabError as error:
    raise pulumi.RunError(str(error)) from None
