"""Which credentials a site's laboratory needs: some are made once, others the site gives.

The values are kept encrypted in the stack's configuration.
"""

from __future__ import annotations

import string
from collections.abc import Collection
from dataclasses import dataclass

from sslab.errors import SslabError
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS

ADMIN = "admin"
"""The identity of the laboratory's own object storage that may do everything."""


@dataclass(frozen=True)
class Recipe:
    """What a credential that is made consists of: so many characters of an alphabet."""

    length: int
    alphabet: str


ACCESS_KEY = Recipe(20, string.ascii_uppercase + string.digits)
SECRET_KEY = Recipe(40, string.ascii_letters + string.digits)
"""The lengths are those of S3 keys."""


@dataclass(frozen=True)
class SecretSpec:
    """One credential: its key in the stack's configuration; without a recipe the site gives it."""

    key: str
    recipe: Recipe | None


def required_secrets(site: Site) -> tuple[SecretSpec, ...]:
    """Return every credential that the site's laboratory needs.

    An S3 key pair for each bucket; SeaweedFS, which the laboratory runs itself, takes the keys that
    are made for it, and an administrator's. Any other object storage has given them out.
    """
    is_own = isinstance(site.object_storage, SeaweedFS)
    identities = (ADMIN, *site.buckets) if is_own else site.buckets
    return tuple(
        SecretSpec(f"s3-{identity}-{name}", recipe if is_own else None)
        for identity in identities
        for name, recipe in (("access-key", ACCESS_KEY), ("secret-key", SECRET_KEY))
    )


def require_secrets(site: Site, present: Collection[str]) -> None:
    """Raise SslabError, with the commands that help, unless every credential is present."""
    missing = [spec for spec in required_secrets(site) if spec.key not in present]
    if not missing:
        return
    remedy = f"`pulumi config set --secret <key> -s {site.name}` takes what the site gave you"
    if any(spec.recipe for spec in missing):
        remedy = f"run `sslab secrets init {site.name}`"
    keys = ", ".join(spec.key for spec in missing)
    raise SslabError(f"stacks/Pulumi.{site.name}.yaml lacks {keys}", remedy=remedy)
