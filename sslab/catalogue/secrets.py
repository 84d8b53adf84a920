"""Which credentials a site's laboratory needs: some are made once, others the site gives.

The values are kept encrypted in the stack's configuration. What a cloud makes for a cluster of ours
is not among them: Pulumi gets it from there.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import metrics_behind_login, runs_issuer, runs_login
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

PASSWORD = Recipe(24, string.ascii_letters + string.digits)
"""Typed by people, who have it from `sslab secrets show`."""

COOKIE_KEY = Recipe(32, string.ascii_letters + string.digits)
"""oauth2-proxy takes 32 characters as they are, or as 24 bytes in base64: a key of AES."""

IDENTITY_CLIENT, IDENTITY_COOKIES = "identity-client-secret", "identity-cookie-secret"
"""What the issuer gave to the client that the laboratory is, and what sessions are sealed with."""

K3S_AUTHORITY, K3S_JOIN, K3S_ADMIN = "k3s-authority", "k3s-join-token", "k3s-admin-token"
"""What the nodes of a k3s cluster and its kubeconfig are made with: docs/decisions/0009."""


KUBECONFIG = "kubeconfig"
"""What reaches a cluster that is made, in place of its own: docs/decisions/0010."""

OF_NODES = (K3S_AUTHORITY, K3S_JOIN, K3S_ADMIN)
"""Of these a new one makes new nodes, which are empty."""


@dataclass(frozen=True)
class Shape:
    """What a credential looks like: a pattern for the whole of it, and the same in words."""

    pattern: str
    words: str

    def fits(self, value: str) -> bool:
        """Tell whether a value looks like this."""
        return re.fullmatch(self.pattern, value) is not None


_ACCESS = Shape(r"[A-Za-z0-9._:@$+-]{3,128}", "3 to 128 letters, digits or . _ : @ $ + -")
# a pod shows a hash of its secrets, from which a short one could be guessed
_SECRET = Shape(r"[!-~]{16,8000}", "16 or more printable ASCII characters without a space")
_TOKEN = Shape(r"[A-Za-z0-9]{16,256}", "16 to 256 letters and digits")
_COOKIES = Shape(
    r"[!-~]{32}|[A-Za-z0-9_-]{43}=?", "32 characters, or 32 bytes in base64 with - and _"
)
_AUTHORITY = Shape(
    r"(?s)(?=.*-----BEGIN [A-Z ]*PRIVATE KEY-----)(?=.*-----BEGIN CERTIFICATE-----).+",
    "a private key and its certificate as PEM, one after the other",
)
_GIVEN = {
    "certificate": Shape(
        r"(?s)\s*-----BEGIN CERTIFICATE-----.+-----END CERTIFICATE-----\s*", "a certificate as PEM"
    ),
    "private-key": Shape(
        r"(?s)\s*-----BEGIN ([A-Z]+ )*PRIVATE KEY-----.+-----END ([A-Z]+ )*PRIVATE KEY-----\s*",
        "a private key as PEM",
    ),
}
_KUBECONFIG = Shape(r"(?s)/\S+|(?=.*\bclusters\b).+", "a kubeconfig, or the whole path of one")


@dataclass(frozen=True)
class SecretSpec:
    """One credential: its key in the stack's configuration, and what it is for.

    Without a recipe the site gives it, where it is not `needed` only if it likes.
    """

    key: str
    recipe: Recipe | Authority | None
    purpose: str
    shape: Shape
    needed: bool = True


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
        *_pattern_secrets(site, contracts),
    )


def bucket_keys(bucket: str) -> tuple[str, str]:
    """Return what the access key and the secret key of a bucket are called."""
    return f"s3-{bucket}-access-key", f"s3-{bucket}-secret-key"


def pattern_password(pattern: str, password: str) -> str:
    """Return what a password that a pattern's contract names is called."""
    return f"{pattern}-{password}-password"


def given_credential(pattern: str, credential: str) -> str:
    """Return what a credential is called that a pattern's contract asks the site for."""
    return f"{pattern}-{credential}"


def batch_token(kind: str) -> str:
    """Return what the token for a kind of batch system is called."""
    return f"batch-{kind}-token"


def optional_secrets(site: Site) -> tuple[SecretSpec, ...]:
    """Return what a site may give and need not: not every batch system has a token."""
    kinds = dict.fromkeys(each.kind for each in site.batch if each.endpoint)
    return tuple(
        SecretSpec(
            batch_token(kind),
            None,
            f"the batch system {kind} knows the laboratory by it",
            _SECRET,
            needed=False,
        )
        for kind in kinds
    )


def secret_keys(site: Site, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the keys of every credential that the site's laboratory needs or may have."""
    specs = (*required_secrets(site, contracts), *optional_secrets(site))
    return tuple(spec.key for spec in specs)


def known_secrets(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    """Return every credential that the site's stack may have, the needed ones first."""
    elsewhere = SecretSpec(
        KUBECONFIG,
        None,
        "reaches the cluster, in place of the one that Pulumi makes",
        _KUBECONFIG,
        needed=False,
    )
    is_made = isinstance(site.cluster, GkeCluster | OpenStackCluster)
    return (
        *required_secrets(site, contracts),
        *optional_secrets(site),
        *([elsewhere] if is_made else []),
    )


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
    specs = []
    for identity in identities:
        opens = "may do everything in the object storage"
        if not is_own or identity != ADMIN:
            opens = f"opens the bucket {identity}"
        access, secret = bucket_keys(identity)
        specs += [
            SecretSpec(access, ACCESS_KEY if is_own else None, f"{opens}: access key", _ACCESS),
            SecretSpec(secret, SECRET_KEY if is_own else None, f"{opens}: secret key", _SECRET),
        ]
    return tuple(specs)


def _pattern_secrets(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    specs = []
    for name in (each for each in site.patterns if each in contracts):
        specs += [
            SecretSpec(
                pattern_password(name, password),
                TOKEN,
                f"the {password} of {name} asks for it",
                _TOKEN,
            )
            for password in contracts[name].passwords
        ]
        specs += [
            SecretSpec(given_credential(name, given.name), None, given.purpose, _GIVEN[given.kind])
            for given in contracts[name].credentials
        ]
    return tuple(specs)


def user_password(user: str) -> str:
    """Return what the password of a user is called whom the laboratory itself knows."""
    return f"identity-user-{user}-password"


def _identity_secrets(site: Site, contracts: Mapping[str, Contract]) -> tuple[SecretSpec, ...]:
    """Return what a login takes, where the site has one and somebody logs in."""
    if site.identity is None or site.identity.client is None:
        return ()
    own = runs_issuer(site)
    users = tuple(
        SecretSpec(user_password(user.name), PASSWORD, f"{user.name} logs in with it", _SECRET)
        for user in site.identity.users
    )
    asking = any(contracts[name].needs.login for name in site.patterns if name in contracts)
    if not (asking or metrics_behind_login(site) or own):
        return ()
    client = SecretSpec(
        IDENTITY_CLIENT,
        TOKEN if own else None,
        f"the issuer {site.identity.issuer} knows the client by it",
        _SECRET,
    )
    cookies = SecretSpec(
        IDENTITY_COOKIES, COOKIE_KEY, "seals the sessions: a new one logs everybody out", _COOKIES
    )
    return (client, *([cookies] if runs_login(site, contracts) else ()), *users)


def _cluster_secrets(site: Site) -> tuple[SecretSpec, ...]:
    cluster = site.cluster
    if not isinstance(cluster, OpenStackCluster) or cluster.method != "k3s":
        return ()
    return (
        SecretSpec(
            K3S_AUTHORITY,
            Authority(f"ssl-{site.name}"),
            "signs the API server's certificate",
            _AUTHORITY,
        ),
        SecretSpec(K3S_JOIN, TOKEN, "lets a node join the cluster", _TOKEN),
        SecretSpec(K3S_ADMIN, TOKEN, "may do everything in the cluster: in its kubeconfig", _TOKEN),
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
    remedy = f"`sslab secrets set {site.name} <key>` takes what the site gave you"
    if any(spec.recipe for spec in missing):
        remedy = f"run `sslab secrets init {site.name}`"
    keys = ", ".join(spec.key for spec in missing)
    raise SslabError(f"stacks/Pulumi.{site.name}.yaml lacks {keys}", remedy=remedy)
