"""Before a deployment: what may not change is compared, and data that may be lost are let go."""

from __future__ import annotations

import json
from pathlib import Path

from sslab.engine.inventory import Inventory
from sslab.safety.fixed_fields import OUTPUT, refusals
from sslab.safety.lines import Lines
from sslab.site.diagnostics import SiteError
from sslab.site.model import Site
from sslab.site.reading import read_document


def require_unchanged(repository: Path, site: Site, inventory: Inventory) -> None:
    """Raise SiteError where a field of the site's file is not as it is deployed, and has to be."""
    told = inventory.outputs.get(OUTPUT)
    if not isinstance(told, str):
        return  # nothing is deployed, or by a revision that did not tell
    name = f"sites/{site.name}.yaml"
    document, _ = read_document(repository / name, name)
    found = tuple(refusals(document, site, json.loads(told), Lines.of(site)))
    if found:
        raise SiteError(found)


def let_go(site: Site, inventory: Inventory) -> tuple[str, ...]:
    """Return the URNs of the protected resources that the lines of the site file let go."""
    lines = Lines.of(site)
    return tuple(
        each.urn for each in inventory.resources if each.protected and lines.standing(each.names)
    )
