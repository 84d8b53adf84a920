"""The program that Pulumi runs: the stack's name is the site's."""

from __future__ import annotations

import pulumi

import patterns
from components.laboratory import Laboratory, LaboratoryArgs
from sslab.catalogue.secrets import required_secrets
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
    missing = [spec.key for spec in required_secrets(site) if config.get(spec.key) is None]
    if missing:
        raise SslabError(f"stacks/Pulumi.{name}.yaml lacks {', '.join(missing)}",
                         remedy=f"run `sslab secrets init {name}`")  # fmt: skip
except SslabError as error:
    raise pulumi.RunError(str(error)) from None
Laboratory(
    "laboratory",
    LaboratoryArgs(
        site=site,
        access=kubeconfig(site),
        images={image: content.reference(root, image) for image in content.image_names(root)},
        secrets={spec.key: config.require_secret(spec.key) for spec in required_secrets(site)},
        patterns=patterns.of_site(site),
    ),
)
