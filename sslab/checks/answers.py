"""What applications say of themselves, to smoke tests that ask them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError


def told(
    access: SiteAccess,
    service: str,
    path: str,
    *,
    title: str,
    logs: str,
    expected: Collection[int] = (200,),
) -> Any:
    """Return the JSON that a service answers at a path, with one of the expected statuses.

    `title` is what people call it, `logs` are the words after `kubectl logs` that show its log.
    Raises CheckError where it answers something else, or not at all.
    """
    answer = access.get(service, path)
    if answer.status_code not in expected:
        raise CheckError(
            f"{title} answered {answer.status_code}: {answer.text[:200]}",
            remedy=f"`kubectl logs {logs}` says why",
        )
    try:
        return answer.json()
    except ValueError:
        raise CheckError(
            f"{title} answered no JSON: {answer.text[:200]}",
            remedy=f"see what answers at {path} of {service}: a login, or another application",
        ) from None
