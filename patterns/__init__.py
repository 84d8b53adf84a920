"""Analysis patterns: each folder has a contract, a component, a workload and a smoke test."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sslab.site.model import Site

if TYPE_CHECKING:  # a smoke test and a workload need no Pulumi, which takes a second to import
    from components.place import PatternComponent


def of_site(site: Site) -> Mapping[str, PatternComponent]:
    """Return the component of each pattern that the site runs, its settings applied."""
    return {name: _component(name, settings) for name, settings in site.patterns.items()}


def _component(name: str, settings: Mapping[str, Any]) -> PatternComponent:
    folder = f"patterns.{name.replace('-', '_')}"
    chosen = importlib.import_module(f"{folder}.settings").Settings.model_validate(dict(settings))
    component: PatternComponent = importlib.import_module(f"{folder}.component").component(chosen)
    return component
