"""Events as `pulumi refresh --preview-only --event-log` writes them, as far as they are read."""

from __future__ import annotations

from typing import Any

MASKED = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "[secret]",
}
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SECRET = "kubernetes:core/v1:Secret"


def step(
    token: str,
    op: str,
    inputs: Any,
    found: Any = None,
    differences: dict[str, str] | None = None,
    *,
    outputs: Any = None,
    live: Any = None,
    **state: Any,
) -> dict[str, Any]:
    """Return the event of one resource; `differences` are kinds of change by paths."""
    urn = f"urn:pulumi:local::ssl::ssl:components:Ingress${token}::logical"
    common = {"type": token, "urn": urn, "custom": True, **state}
    old = {**common, "inputs": inputs, "outputs": inputs if outputs is None else outputs}
    new = None
    if op != "delete":
        new = {**common, "inputs": found, "outputs": found if live is None else live}
    detailed = {
        path: {"diffKind": kind, "inputDiff": False} for path, kind in (differences or {}).items()
    }
    metadata = {"op": op, "urn": urn, "type": token, "old": old, "new": new}
    metadata["detailedDiff"] = detailed if differences else None
    return {"sequence": 7, "resOutputsEvent": {"metadata": metadata, "planning": True}}


def named(name: str, **fields: Any) -> dict[str, Any]:
    """Return the inputs of a Kubernetes object in the namespace `web`."""
    return {"metadata": {"name": name, "namespace": "web"}, **fields}
