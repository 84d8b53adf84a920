"""What Pulumi remembers of a small laboratory: object storage with a claim, and a pattern."""

from __future__ import annotations

from typing import Any

from sslab.engine.inventory import Inventory

LABORATORY = "ssl:components:Laboratory"


def urn(token: str, name: str, *parents: str) -> str:
    """Return the URN of a resource below components of these types."""
    return f"urn:pulumi:nyu::ssl::{'$'.join([LABORATORY, *parents, token])}::{name}"


PROVIDER = urn("pulumi:providers:kubernetes", "cluster")
TOP = f"urn:pulumi:nyu::ssl::{LABORATORY}::laboratory"
STACK = "urn:pulumi:nyu::ssl::pulumi:pulumi:Stack::ssl-nyu"
NAMESPACES = urn("ssl:components:Namespaces", "namespaces")
STORAGE = urn("ssl:components:ObjectStorage", "object-storage")
PATTERN = urn("ssl:patterns:ZPeak", "z-peak")


def entry(urn_: str, token: str, parent: str = TOP, **more: Any) -> dict[str, Any]:
    """Return a resource as `pulumi stack export` writes it."""
    return {"urn": urn_, "type": token, "parent": parent, **more}


def thing(
    token: str, name: str, parent: str, namespace: str | None, *needs: str, **more: Any
) -> dict[str, Any]:
    """Return an object of Kubernetes."""
    parent_type = parent.split("::")[2].rpartition("$")[2]
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    inputs = {"metadata": metadata, **more.pop("inputs", {})}
    return entry(
        urn(f"kubernetes:{token}", name, parent_type),
        f"kubernetes:{token}",
        parent,
        custom=True,
        provider=f"{PROVIDER}::some-id",
        dependencies=list(needs),
        inputs=inputs,
        **more,
    )


def namespace(name: str, **more: Any) -> dict[str, Any]:
    return thing("core/v1:Namespace", name, NAMESPACES, None, **more)


def claim(**more: Any) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}
    return thing(
        "core/v1:PersistentVolumeClaim",
        "object-storage",
        STORAGE,
        "ssl-object-storage",
        namespace("ssl-object-storage")["urn"],
        inputs={"spec": spec},
        **more,
    )


def document(*more: dict[str, Any], protect: bool = True, **outputs: str) -> dict[str, Any]:
    """Return what `pulumi stack export` tells of the laboratory."""
    storage = namespace("ssl-object-storage", protect=protect)
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": STACK, "type": "pulumi:pulumi:Stack", "outputs": outputs},
                entry(TOP, LABORATORY, STACK),
                entry(PROVIDER, "pulumi:providers:kubernetes", custom=True),
                entry(NAMESPACES, "ssl:components:Namespaces"),
                storage,
                namespace("z-peak"),
                entry(STORAGE, "ssl:components:ObjectStorage"),
                claim(protect=protect),
                thing("apps/v1:StatefulSet", "object-storage", STORAGE, "ssl-object-storage",
                      claim()["urn"]),
                entry(PATTERN, "ssl:patterns:ZPeak"),
                thing("batch/v1:Job", "z-peak", PATTERN, "z-peak", namespace("z-peak")["urn"]),
                *more,
            ]
        },
    }  # fmt: skip


def inventory(*more: dict[str, Any], protect: bool = True, **outputs: str) -> Inventory:
    return Inventory.read(document(*more, protect=protect, **outputs))
