"""The rules of `data_loss`: each line names one object, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sslab.kubernetes.kinds import CLUSTER_SCOPED
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath, shown
from sslab.site.model import Site

_OBJECT = re.compile(r"[A-Z][A-Za-z0-9]*(/[A-Za-z0-9][A-Za-z0-9._:-]*){1,2}")
_NAMESPACED = frozenset({"PersistentVolumeClaim", "StatefulSet", "VolumeSnapshot"})
"""The kinds that hold data in a namespace."""


def data_loss(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield what is wrong with the lines that let data be lost."""
    told: set[str] = set()
    for index, each in enumerate(site.data_loss):
        path: FieldPath = ("data_loss", index, "object")
        kind, _, rest = each.object.partition("/")
        if not _OBJECT.fullmatch(each.object):
            yield document.at_value(
                path,
                f"{shown(each.object)} is no object",
                "write Kind/namespace/name, as in PersistentVolumeClaim/my-pattern/my-pattern",
            )
        elif kind in _NAMESPACED and "/" not in rest:
            yield document.at_value(
                path,
                f"{shown(each.object)} does not say in which namespace",
                f"write {kind}/<namespace>/{rest}: each object that may be lost is named by itself",
            )
        elif kind in CLUSTER_SCOPED and "/" in rest:
            yield document.at_value(
                path,
                f"a {kind} is in no namespace",
                f"write {kind}/{rest.rpartition('/')[2]}",
            )
        elif each.object in told:
            yield document.at_value(
                path, f"{shown(each.object)} is here a second time", "delete one of the two"
            )
        told.add(each.object)
