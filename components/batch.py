"""Batch systems: how a pattern reaches those that its site has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

Kind = Literal["htcondor-ce", "htcondor", "slurm"]

PORTS: Mapping[Kind, int] = {"htcondor-ce": 9619, "htcondor": 9618, "slurm": 6817}
"""The TCP port of each system, where a site names no other."""


@dataclass(frozen=True, kw_only=True)
class BatchSystem:
    """A batch system that takes work: its kind, its host and TCP port.

    `token` is what it knows the laboratory by; None where the site has given none.
    """

    kind: Kind
    host: str
    port: int
    token: pulumi.Output[str] | None


def batch_secret(
    name: str, namespace: pulumi.Input[str], system: BatchSystem, parent: pulumi.Resource
) -> Secret | None:
    """Make the Secret with a system's `token` in the namespace of the pattern that uses it.

    None where there is no token.
    """
    if system.token is None:
        return None
    full = f"{name}-{system.kind}"
    return Secret(
        full,
        SecretInitArgs(
            metadata=ObjectMetaArgs(name=full, namespace=namespace),
            string_data={"token": system.token},
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
