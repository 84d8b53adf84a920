"""The rules of a site file that no field shows by itself.

A rule on the document alone holds for files with other mistakes too; the others need a Site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sslab.catalogue.contract import Contract
from sslab.catalogue.jobs import as_asked
from sslab.catalogue.layers import layer_needs, pattern_needs
from sslab.catalogue.loading import settings_model
from sslab.catalogue.placement import place
from sslab.catalogue.policy_ids import NEVER_EXEMPTED, POLICY_IDS
from sslab.catalogue.quantity import bytes_text, cores_text, parse_quantity, total
from sslab.site.data_loss import data_loss
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath, shown
from sslab.site.explanations import explain
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS
from sslab.site.own_issuer import own_issuer
from sslab.site.spelling import closest
from sslab.site.substrate import Nothing
from sslab.site.types import DNS_LABEL

_SETS: tuple[FieldPath, ...] = (
    ("object_storage", "buckets"),
    ("privilege", "namespaces"),
    ("load_balancing", "pool"),
    ("cvmfs", "repositories"),
    ("cvmfs", "proxies"),
    ("identity", "identity_providers"),
    ("network", "egress_hosts"),
)
"""The lists in which each text counts once."""


def document_rules(
    document: Document, path: Path, contracts: Mapping[str, Contract], repository: Path
) -> Iterator[Diagnostic]:
    """Yield what is wrong with one file, whether or not its fields are right."""
    yield from _file_name(document, path)
    for field in _SETS:
        yield from _twice_in_a_list(document, field)
    yield from _patterns(document, contracts, repository)


def site_rules(
    document: Document, site: Site, contracts: Mapping[str, Contract]
) -> Iterator[Diagnostic]:
    """Yield what is wrong with one site whose fields are right."""
    asked = {
        name: as_asked(contracts[name], settings)
        for name, settings in site.patterns.items()
        if name in contracts
    }
    yield from _placement(document, site, asked)
    yield from _buckets(document, site, asked)
    yield from _together(document, site, asked)
    yield from own_issuer(document, site)
    yield from _exemptions(document, site)
    yield from data_loss(document, site)


def _file_name(document: Document, path: Path) -> Iterator[Diagnostic]:
    name = document.get("name")
    if path.suffix != ".yaml":
        yield document.at_key(
            (), 'the file\'s name does not end in ".yaml"', f"rename it to {path.stem}.yaml"
        )
    elif isinstance(name, str) and name != path.stem:
        remedies = [
            remedy
            for remedy, new in (
                (f"write {path.stem}", path.stem),
                (f"rename the file to {name}.yaml", name),
            )
            if re.fullmatch(DNS_LABEL, new)
        ]
        yield document.at_value(
            ("name",),
            f"{shown(name)} is not the name of the file",
            " or ".join(remedies) or "give both the same DNS label",
        )


def _twice_in_a_list(document: Document, path: FieldPath) -> Iterator[Diagnostic]:
    items = document.get(*path)
    first: dict[str, int] = {}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, str):
            continue
        if item in first:
            yield document.at_value(
                (*path, index), f"{shown(item)} is here a second time", "delete one of the two"
            )
        first.setdefault(item, index)


def _patterns(
    document: Document, contracts: Mapping[str, Contract], repository: Path
) -> Iterator[Diagnostic]:
    patterns = document.get("patterns")
    asked = patterns if isinstance(patterns, dict) else {}
    # a folder whose contract is wrong has its own diagnostic
    folders = (
        {each.parent.name for each in repository.glob("patterns/*/pattern.yaml")}
        if asked.keys() - contracts.keys()
        else set()
    )
    for name, settings in asked.items():
        path = ("patterns", name)
        if name in contracts:
            yield from _settings(document, path, settings, repository)
        elif name.replace("-", "_") not in folders:
            near = closest(name, contracts)
            known = ", ".join(contracts)
            yield document.at_key(
                path,
                "there is no such pattern",
                f'did you mean "{near}"?' if near else f"the patterns are {known}",
            )


def _settings(
    document: Document, path: FieldPath, settings: Any, repository: Path
) -> Iterator[Diagnostic]:
    if not isinstance(settings, dict) or document.is_broken(path):
        return
    name = str(path[-1])
    model = settings_model(repository, name)
    if model is None:
        for field in settings:
            yield document.at_key(
                (*path, field), f"the pattern {name} has no settings", "write {} in their place"
            )
        return
    try:
        model.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        yield from explain(document, error, model, base=path, root=f"the settings of {name}")


def _placement(
    document: Document, site: Site, asked: Mapping[str, Contract]
) -> Iterator[Diagnostic]:
    for name, contract in asked.items():
        for reason in place(contract, site).reasons:
            yield document.at_key(
                ("patterns", name),
                f"cannot run here for want of {reason.field}: {reason.why}",
                reason.remedy,
            )


def _buckets(document: Document, site: Site, asked: Mapping[str, Contract]) -> Iterator[Diagnostic]:
    if site.object_storage is None or isinstance(site.object_storage, Nothing):
        return
    for name, contract in asked.items():
        if contract.needs.object_storage and name not in site.object_storage.buckets:
            yield document.at_value(
                ("object_storage", "buckets"),
                f"the bucket that the pattern {name} needs is not here",
                f'add "{name}" to object_storage.buckets',
            )


def _together(
    document: Document, site: Site, asked: Mapping[str, Contract]
) -> Iterator[Diagnostic]:
    """Hold the sums of what is asked for against the quota and the capacity."""
    needs = {name: pattern_needs(contract, site.patterns[name]) for name, contract in asked.items()}
    layers = {f"the layer {kind}": each for kind, each in layer_needs(site).items()}
    pods = {f"the pattern {name}": each for name, each in needs.items()} | layers
    volumes = {
        who: total(volume.size for volume in each.storage)
        for who, each in pods.items()
        if each.storage
    }
    if isinstance(site.object_storage, SeaweedFS):
        volumes["object_storage.capacity"] = parse_quantity(site.object_storage.capacity)
    if site.storage is not None:
        path = ("storage", "capacity")
        yield from _sum(document, path, site.storage.capacity, volumes, bytes_text)
    if site.quota is None:
        return
    cpu = {who: parse_quantity(each.cpu) for who, each in pods.items()}
    yield from _sum(document, ("quota", "cpu"), site.quota.cpu, cpu, cores_text)
    memory = {who: parse_quantity(each.memory) for who, each in pods.items()}
    yield from _sum(document, ("quota", "memory"), site.quota.memory, memory, bytes_text)


def _sum(
    document: Document,
    path: FieldPath,
    offered: str,
    asked: Mapping[str, Fraction],
    text: Callable[[Fraction], str],
) -> Iterator[Diagnostic]:
    limit, needed = parse_quantity(offered), sum(asked.values(), Fraction(0))
    if needed <= limit or any(
        amount > limit for who, amount in asked.items() if who.startswith("the pattern")
    ):
        return  # enough, or placement has told of the one pattern that alone asks for too much
    parts = ", ".join(f"{who} {text(amount)}" for who, amount in asked.items())
    yield document.at_value(
        path,
        f"{offered} is less than the {text(needed)} asked for ({parts})",
        f"raise it to at least {text(needed)}, or ask for less",
    )


_OBJECT = re.compile(r"[A-Z][A-Za-z0-9]*(/[a-z0-9][a-z0-9.:-]*){1,2}")


def _exemptions(document: Document, site: Site) -> Iterator[Diagnostic]:
    for index, each in enumerate(site.exemptions):
        path: FieldPath = ("exemptions", index)
        if each.policy not in POLICY_IDS:
            near = closest(each.policy, POLICY_IDS)
            yield document.at_value(
                (*path, "policy"),
                "there is no such policy",
                f'did you mean "{near}"?' if near else "docs/policies.md lists the policies",
            )
        elif each.policy in NEVER_EXEMPTED:
            yield document.at_value(
                (*path, "policy"),
                f"nothing can be exempted from {each.policy}",
                "delete the exemption, and mend the object",
            )
        if not _OBJECT.fullmatch(each.object):
            yield document.at_value(
                (*path, "object"),
                f"{shown(each.object)} is no object",
                "write Kind/name or Kind/namespace/name, as in Deployment/my-pattern/my-pattern",
            )
