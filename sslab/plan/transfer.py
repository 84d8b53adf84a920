"""A plan on its way from the process that made it to one that may tell people of it.

What runs the program of a pull request may not write comments, and what writes them runs nothing of
it: it reads the plan as data and makes the text itself.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from sslab.plan.errors import PlanError
from sslab.plan.model import Change, Plan, PlannedResource, SitePlan
from sslab.plan.secrecy import clean

T = TypeVar("T")


def lean(plan: Plan) -> Plan:
    """Return a plan without what no report shows: the inputs of resources, and their secrets."""
    return replace(plan, sites=tuple(map(_lean_site, plan.sites)))


def _lean_site(site: SitePlan) -> SitePlan:
    return replace(site, changes=tuple(map(_lean_change, site.changes)))


def _lean_change(change: Change) -> Change:
    return replace(change, resource=_lean_resource(change.resource))


def _lean_resource(resource: PlannedResource) -> PlannedResource:
    shown = ("name", "namespace")
    names = {key: resource.metadata[key] for key in shown if key in resource.metadata}
    return replace(
        resource,
        former=(),
        inputs={"metadata": names} if names else {},
        secrets=frozenset(),
        options={},
        digests={},
    )


def dumped(kind: type[T], document: T) -> str:
    """Return a document that holds lean plans as JSON, with no secret in any text."""
    return json.dumps(clean(TypeAdapter(kind).dump_python(document, mode="json")))


def loaded(kind: type[T], text: bytes) -> T:
    """Return a document that `dumped` has written, whoever wrote it. Raises PlanError."""
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise PlanError(
            f"this is no plan: {where}: {first['msg']} ({error.error_count()} errors)",
            remedy="it has to be one that `sslab github plan` of this revision has written",
        ) from None
