"""The kinds of the Prometheus Operator that the laboratory makes objects of, as far as it does.

The fields, their types and patterns are those of the definitions of the operator itself (0.84). The
API server drops a field that stands in none of these schemas.
"""

from __future__ import annotations

from typing import Any

GROUP = "monitoring.coreos.com"
TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
DURATION = {
    "type": "string",
    "pattern": "^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?"
    "(([0-9]+)ms)?)$",
}


def mapping(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


RELABELING = mapping(
    action={"type": "string", "default": "replace", "enum": ["replace", "labeldrop"]},
    regex=TEXT,
    replacement=TEXT,
    targetLabel=TEXT,
)
ENDPOINT = mapping(port=TEXT, path=TEXT, interval=DURATION, relabelings=several(RELABELING))
SERVICE_MONITOR = mapping(
    "endpoints", "selector", selector=mapping(matchLabels=TEXTS), endpoints=several(ENDPOINT)
)
RULE = mapping(
    "expr",
    **{"alert": TEXT, "expr": TEXT, "for": DURATION, "labels": TEXTS, "annotations": TEXTS},
)
PROMETHEUS_RULE = mapping(
    groups=several(mapping("name", name={**TEXT, "minLength": 1}, rules=several(RULE)))
)


def definition(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of a kind."""
    singular = kind.lower()
    names = {
        "kind": kind,
        "singular": singular,
        "plural": f"{singular}s",
        "listKind": f"{kind}List",
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": mapping("spec", spec=spec)},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
    }


DEFINITIONS = (
    definition("ServiceMonitor", SERVICE_MONITOR),
    definition("PrometheusRule", PROMETHEUS_RULE),
)
