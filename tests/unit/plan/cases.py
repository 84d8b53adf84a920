"""Resources as a plan has them, made up for tests."""

from __future__ import annotations

from typing import Any

from sslab.plan.model import PlannedResource

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "kubernetes:core/v1:Secret"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SERVICE = "kubernetes:core/v1:Service"
PROVIDER = "pulumi:providers:kubernetes"


def resource(
    token: str,
    name: str = "web",
    *,
    parent: str = "ssl:components:Ingress",
    namespace: str | None = "ns",
    former: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
    options: dict[str, Any] | None = None,
    provider: str = "",
    custom: bool = True,
    **inputs: Any,
) -> PlannedResource:
    """Return a resource; a Kubernetes object gets metadata with its name and namespace."""
    key = f"{parent}${token}::{name}" if parent else f"{token}::{name}"
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    if token.startswith("kubernetes:"):
        inputs = {"metadata": metadata, **inputs}
    return PlannedResource(
        token=token,
        name=name,
        urn=f"urn:pulumi:somewhere::ssl::{key}",
        key=key,
        former=former,
        provider=provider,
        custom=custom,
        inputs=inputs,
        secrets=frozenset(secrets),
        options=options or {},
    )


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return the spec of a Deployment whose pods have these containers."""
    return {"template": {"spec": {"containers": list(containers), **spec}}}


def claim(size: str = "5Gi", **spec: Any) -> dict[str, Any]:
    """Return the spec of a claim."""
    return {"resources": {"requests": {"storage": size}}, **spec}
