"""Who may use the hub, by what the issuer says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

IDP_CLAIM = "idp"
"""The claim with the EntityID of the identity provider that a user came by, at CILogon."""


def refusal(
    name: str, claims: Mapping[str, Any], identity_providers: Sequence[str], reserved: str
) -> str | None:
    """Return why a user who has logged in may not come in, None where they may.

    The issuer logs in members of every identity provider that it knows: which of them may come is
    for the hub to compare.
    """
    if name == reserved:
        return f"{reserved} is the name of the smoke test's user"
    if identity_providers and claims.get(IDP_CLAIM) not in identity_providers:
        return "your institution is not among those whose members may log in here"
    return None


def groups(claims: Mapping[str, Any], claim: str) -> list[str]:
    """Return the groups of a user, none where the issuer tells none."""
    told = claims.get(claim) or []
    return [told] if isinstance(told, str) else [str(each) for each in told]
