"""What the hub may do: make pods and claims in its own namespace, and nothing outside it."""

from __future__ import annotations

from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs


def rules() -> list[PolicyRuleArgs]:
    """Return the rules of the hub's Role."""
    return [
        _may("pods", "get", "list", "watch", "create", "delete"),
        # a user's volume is made, and never deleted
        _may("persistentvolumeclaims", "get", "list", "watch", "create"),
        # why a server does not start
        _may("events", "get", "list", "watch"),
    ]


def _may(resource: str, *verbs: str) -> PolicyRuleArgs:
    return PolicyRuleArgs(api_groups=[""], resources=[resource], verbs=list(verbs))
