"""The program that Pulumi runs: the stack's name is the site's."""

from __future__ import annotations

import pulumi

import patterns
from components.laboratory import Laboratory, LaboratoryArgs
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import require_secrets, required_secrets
from sslab.cluster.access import kubeconfig
from sslab.errors import SslabError
from sslab.images import content
from sslab.repository import repository_root
from sslab.site.loading import load_site

name = pulumi.get_stack()
config = pulumi.Config()
try:
    root = repository_root()
    site = load_site(root / "sites" / f"{name}.yaml")
    registry = site.registry.images or content.REGISTRY
    names = content.image_names(root)
    keys = [spec.key for spec in required_secrets(site)]
    require_secrets(site, [key for key in keys if config.get(key) is not None])
    Laboratory(
        "laboratory",
        LaboratoryArgs(
            site=site,
            access=kubeconfig(site),
            images={image: content.reference(root, image, registry) for image in names},
            secrets={key: config.require_secret(key) for key in keys},
            patterns=patterns.of_site(site),
            contracts=load_contracts(root),
        ),
    )
except SslabError as error:
    raise pulumi.RunError(str(error)) from None
