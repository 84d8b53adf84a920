"""Which credentials a site's laboratory needs: some are made once, others the site gives.

The values are kept encrypted in the stack's configuration. What a cloud makes for a cluster of ours
is not among them: Pulumi gets it from there.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import metrics_behind_login, runs_login
from sslab.errors import SslabError
from sslab.site.cluster import GkeCluster, OpenStackCluster
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects, SeaweedFS, SwiftObjects

ADMIN = "admin"
"""The identity of the laboratory's own object storage that may do everything."""


@dataclass(frozen=True)
class Recipe:
    """What a credential that is made consists of: so many characters of an alphabet."""

    length: int
    alphabet: str


@dataclass(frozen=True)
class Authority:
    """A credential that is made: the key and the certificate of a certificate authority, as PEM."""

    name: str


ACCESS_KEY = Recipe(20, string.ascii_uppercase + string.digits)
SECRET_KEY = Recipe(40, string.ascii_letters + string.digits)
"""The lengths are those of S3 keys."""

TOKEN = Recipe(48, string.ascii_letters + string.digits)

COOKIE_KEY = Recipe(32, string.ascii_letters + string.digits)
"""oauth2-proxy takes 32 characters as they are, or as 24 bytes in base64: a key of AES."""

IDENTITY_CLIENT, IDENTITY_COOKIES = "identity-client-secret", "identity-cookie-secret"
"""What the issuer gave to the client that the laboratory is, and what sessions are sealed with."""

K3S_AUTHORITY, K3S_JOIN, K3S_ADMIN = "k3s-authority", "k3s-join-token", "k3s-admin-token"
"""What the nodes of a k3s cluster and its kubeconfig are made with: docs/decisions/0009."""


@dataclass(frozen=True)
class SecretSpec:
    """One credential: its key in the stack's configuration; without a recipe the site gives it."""

    key: str
    recipe: Recipe | Authority | None


def required_secrets(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    """Return every credential that the site's laboratory needs.

    `contracts` are those of the patterns, which say whose users log in.

    An S3 key pair for each bucket; SeaweedFS, which the laboratory runs itself, takes the keys that
    are made for it, and an administrator's. Any other object storage has given them out, but for
    that of a cloud which makes keys for a cluster of ours.
    """
    return (
        *_cluster_secrets(site),
        *_bucket_secrets(site),
        *_identity_secrets(site, contracts),
    )


def bucket_keys(bucket: str) -> tuple[str, str]:
    """Return what the access key and the secret key of a bucket are called."""
    return f"s3-{bucket}-access-key", f"s3-{bucket}-secret-key"


def batch_token(kind: str) -> str:
    """Return what the token for a kind of batch system is called."""
    return f"batch-{kind}-token"


def optional_secrets(site: Site) -> tuple[str, ...]:
    """Return the keys of what a site may give and need not: not every batch system has a token."""
    return tuple(dict.fromkeys(batch_token(each.kind) for each in site.batch if each.endpoint))


def secret_keys(site: Site, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the keys of every credential that the site's laboratory needs or may have."""
    required = (spec.key for spec in required_secrets(site, contracts))
    return (*required, *optional_secrets(site))


def cloud_makes_keys(site: Site) -> bool:
    """Tell whether the cloud that carries the laboratory's own cluster makes the buckets' keys."""
    match site.cluster, site.object_storage:
        case (GkeCluster(), GcsObjects()) | (OpenStackCluster(), SwiftObjects()):
            return True
    return False


def _bucket_secrets(site: Site) -> tuple[SecretSpec, ...]:
    if cloud_makes_keys(site):
        return ()
    is_own = isinstance(site.object_storage, SeaweedFS)
    identities = (ADMIN, *site.buckets) if is_own else site.buckets
    return tuple(
        SecretSpec(key, recipe if is_own else None)
        for identity in identities
        for key, recipe in zip(bucket_keys(identity), (ACCESS_KEY, SECRET_KEY), strict=True)
    )


def _identity_secrets(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    """Return what a login takes, where the site has one and somebody logs in."""
    asking = any(contracts[name].needs.login for name in site.patterns if name in contracts)
    has_login = site.identity is not None and site.identity.client is not None
    if not has_login or not (asking or metrics_behind_login(site)):
        return ()
    made = [SecretSpec(IDENTITY_COOKIES, COOKIE_KEY)] if runs_login(site, contracts) else []
    return (SecretSpec(IDENTITY_CLIENT, None), *made)


def _cluster_secrets(site: Site) -> tuple[SecretSpec, ...]:
    cluster = site.cluster
    if not isinstance(cluster, OpenStackCluster) or cluster.method != "k3s":
        return ()
    return (
        SecretSpec(K3S_AUTHORITY, Authority(f"ssl-{site.name}")),
        SecretSpec(K3S_JOIN, TOKEN),
        SecretSpec(K3S_ADMIN, TOKEN),
    )


def require_secrets(
    site: Site,
    present: Collection[str],
    contracts: Mapping[str, Contract],
) -> None:
    """Raise SslabError, with the commands that help, unless every credential is present."""
    missing = [spec for spec in required_secrets(site, contracts) if spec.key not in present]
    if not missing:
        return
    remedy = f"`pulumi config set --secret <key> -s {site.name}` takes what the site gave you"
    if any(spec.recipe for spec in missing):
        remedy = f"run `sslab secrets init {site.name}`"
    keys = ", ".join(spec.key for spec in missing)
    raise SslabError(f"stacks/Pulumi.{site.name}.yaml lacks {keys}", remedy=remedy)
