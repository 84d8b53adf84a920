"""Patterns that are published charts, at a site that has all that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity, total
from tests.components.recording import ROOT, Recorded, Recording, record_laboratory, site

CONTRACTS = load_contracts(ROOT)
POWERS = {"scope": "cluster", "crds": True, "privileged": True, "host_path": True}
LARGE: Mapping[str, Any] = {
    "quota": {"cpu": "1000", "memory": "4000Gi", "pods": 1000},
    "storage": {"capacity": "1000Ti", "rwo_class": "block", "rwx_class": "shared"},
    "privilege": POWERS,
    "identity": {"issuer": "https://login.example.edu", "client": "laboratory"},
    "ingress": {
        "kind": "class",
        "class_name": "nginx",
        "domain": "ssl.example.edu",
        "tls": {"kind": "secret", "secret": "ssl-tls"},
    },
}


def laboratory(
    pattern: str, settings: Mapping[str, Any] | None = None, **site_has: Any
) -> Recording:
    """Record a laboratory with one pattern and no other."""
    chosen = {**LARGE, "patterns": {pattern: dict(settings or {})}, **site_has}
    return record_laboratory(site(**chosen), contracts={pattern: CONTRACTS[pattern]})


def chart(recording: Recording) -> Recorded:
    """Return the only published chart."""
    return recording.token("kubernetes:helm.sh/v4:Chart")


def values(recording: Recording) -> dict[str, Any]:
    """Return what that chart is told."""
    found: dict[str, Any] = chart(recording).props["values"]
    return found


def requested(told: Any, resource: str) -> Any:
    """Return what all the containers that values speak of request together, one of each."""
    return total(str(each["requests"][resource]) for each in _resources(told))


def _resources(told: Any) -> Iterator[Mapping[str, Any]]:
    for name, value in told.items() if isinstance(told, dict) else ():
        if name == "resources":
            yield value
        else:
            yield from _resources(value)


def needed(pattern: str, resource: str) -> Any:
    """Return what a pattern's contract says that it requests."""
    return parse_quantity(getattr(CONTRACTS[pattern].needs, resource))
