"""Names of Google's service accounts."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_gcp.serviceaccount import Account

LONGEST = 30


def account_id(name: str) -> str:
    """Return a name that Google takes for an account; a long one ends in its hash."""
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9].rstrip('-')}-{digest}"


def member(account: Account) -> pulumi.Output[str]:
    """Return an account as rules of access name it."""
    return account.email.apply(lambda email: f"serviceAccount:{email or ''}")
