"""What a site's file lets go of its data, and what of it may not change once it is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sslab.catalogue.contract import Contract
from sslab.plan import losses
from sslab.plan.model import Change
from sslab.safety.fixed_fields import deployed_fields, refusals
from sslab.safety.lines import Lines
from sslab.site.model import Site
from sslab.site.reading import read_document

Facts = Mapping[str, Any]


def read_lines(facts: Facts) -> Lines | None:
    """Return which data a site lets go, None where the facts are none of this schema."""
    site = _site(facts)
    return Lines.of(site) if site else None


def fixed(
    folder: Path, name: str, now: Facts, before: Facts, contracts: Mapping[str, Contract]
) -> tuple[str, ...]:
    """Return the fields that a change may not touch, as the file's diagnostics.

    Nothing is compared where the other revision's file is of another schema.
    """
    site, other = _site(now), _site(before)
    if site is None or other is None:
        return ()
    document, _ = read_document(folder / "sites" / f"{name}.yaml", f"sites/{name}.yaml")
    deployed = deployed_fields(other, contracts)
    return tuple(map(str, sorted(refusals(document, site, deployed, Lines.of(site)))))


def useless(lines: Lines, changes: Sequence[Change]) -> Iterator[str]:
    """Yield what to say of lines that let nothing go: a typing error, or left over."""
    lost = {name for each in changes if each.loses for name in losses.names(each.resource)}
    for each in lines.lines:
        if not lines.holds(each):
            yield f"data_loss: the line for {each.object} ended on {each.expires}; delete it"
        elif each.object not in lost:
            yield (
                f"data_loss: this change loses nothing of {each.object}; delete the line, if what "
                "it is for has been deployed, or see how the object is called"
            )


def _site(facts: Facts) -> Site | None:
    try:
        return Site.model_validate_json(json.dumps(facts), strict=True)
    except ValidationError:
        return None
