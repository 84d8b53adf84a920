"""The plan for programs; docs/plan.md describes the document."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sslab.plan.describe import amount
from sslab.plan.model import CHANGE_KINDS, Change, Plan, SitePlan, Total
from sslab.plan.secrecy import clean

VERSION = 1


def as_json(plan: Plan) -> str:
    """Return the plan as one JSON document, with the same order for the same plan."""
    document = {
        "version": VERSION,
        "against": plan.against or None,
        "notes": list(plan.notes),
        "sites": {site.site: _site(site) for site in plan.sites},
    }
    return json.dumps(clean(document), indent=1, ensure_ascii=True)


def _site(site: SitePlan) -> dict[str, Any]:
    return {
        "status": site.status,
        "refused": site.refused,
        "error": site.error or None,
        "refusals": list(site.refusals),
        "notes": list(site.notes),
        "counts": {kind: site.counts[kind] for kind in CHANGE_KINDS},
        "changes": [_change(change) for change in site.changes],
        "powers": asdict(site.powers),
        "totals": {total.name: _total(total) for total in site.totals},
        "policies": None if site.findings is None else [asdict(each) for each in site.findings],
    }


def _change(change: Change) -> dict[str, Any]:
    resource = change.resource
    return {
        "kind": change.kind,
        "resource": {
            "label": resource.label,
            "type": resource.token,
            "name": resource.name,
            "urn": resource.urn,
        },
        "reasons": list(change.reasons),
        "data_lost": change.loses or None,
        "loss_refused": change.unallowed or None,
        "fails": change.refused or None,
        "fields": [
            {
                "path": field.path,
                "before": field.before,
                "after": field.after,
                "secret": field.secret,
            }
            for field in change.fields
        ],
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "now": amount(total.name, total.now),
        "before": None if total.before is None else amount(total.name, total.before),
        "offered": None if total.offered is None else amount(total.name, total.offered),
        "capacity": None if total.capacity is None else amount(total.name, total.capacity),
        "percent": round(float(100 * total.now / total.offered), 1) if total.offered else None,
    }
