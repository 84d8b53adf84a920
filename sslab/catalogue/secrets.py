"""Which credentials a site's laboratory needs; their values are made once and kept encrypted."""

from __future__ import annotations

import string
from dataclasses import dataclass

from sslab.site.model import Site

ADMIN = "admin"
"""The object storage's identity that may do everything."""


@dataclass(frozen=True)
class SecretSpec:
    """One credential: its key in the stack's configuration, and what it is made of."""

    key: str
    length: int
    alphabet: str


def s3_identities(site: Site) -> tuple[str, ...]:
    """Return the S3 identities of the site: the administrator, and one for each bucket."""
    return (ADMIN, *site.object_storage.buckets) if site.object_storage else ()


def required_secrets(site: Site) -> tuple[SecretSpec, ...]:
    """Return every credential that the site's laboratory needs.

    The lengths are those of S3 keys: 20 capital letters and digits, and 40 characters.
    """
    alphanumeric = string.ascii_letters + string.digits
    return tuple(
        spec
        for identity in s3_identities(site)
        for spec in (
            SecretSpec(f"s3-{identity}-access-key", 20, string.ascii_uppercase + string.digits),
            SecretSpec(f"s3-{identity}-secret-key", 40, alphanumeric),
        )
    )
