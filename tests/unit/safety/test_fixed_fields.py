"""Fields that may not change once a site is deployed, and their page."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.loading import load_contracts
from sslab.engine.inventory import Inventory
from sslab.engine.protecting import let_go, require_unchanged
from sslab.errors import SslabError
from sslab.safety.fixed_fields import FIELDS, OUTPUT, deployed_fields, refusals
from sslab.safety.lines import Lines
from sslab.site.document import Document
from sslab.site.model import Site
from tests.components.recording import ROOT, site
from tests.unit.destroying.cases import claim, inventory

CONTRACTS = load_contracts(ROOT)
TODAY = date(2027, 1, 1)


def told(before: Site, now: Site) -> list[str]:
    """Return the fields that are refused."""
    deployed = deployed_fields(before, CONTRACTS)
    found = refusals(Document("sites/x.yaml", {}), now, deployed, Lines.of(now, TODAY))
    return [each.field for each in found]


def changed(name: str, part: str, **fields: Any) -> Site:
    known = site(name).model_dump()[part]
    return site(name, **{part: {**known, **fields}})


@pytest.mark.parametrize(
    ("name", "part", "fields", "refused"),
    [
        ("nyu", "storage", {"rwo_class": "other"}, ["storage.rwo_class"]),
        ("gke", "cluster", {"region": "europe-west1"}, ["cluster.region"]),
        ("gke", "cluster", {"project": "another"}, ["cluster.project"]),
        ("gke", "cluster", {"pod_network": "10.64.0.0/14"}, ["cluster.pod_network"]),
        ("gke", "cluster", {"service_network": "10.68.0.0/20"}, ["cluster.service_network"]),
        ("gke", "cni", {"node_network": "10.99.0.0/20"}, ["cni.node_network"]),
        ("gke", "object_storage", {"prefix": "another-"}, ["object_storage.prefix"]),
        ("gke", "object_storage", {"location": "EU"}, ["object_storage.location"]),
        ("illinois", "cluster", {"cloud": "another"}, ["cluster.cloud"]),
        ("illinois", "cluster", {"method": "magnum", "template": "t"}, ["cluster.method"]),
        ("nyu", "quota", {"pods": 99}, []),
        ("nyu", "storage", {"capacity": "900Gi"}, []),
    ],
)
def test_a_changed_field_is_refused(
    name: str, part: str, fields: dict[str, Any], refused: list[str]
) -> None:
    assert told(site(name), changed(name, part, **fields)) == refused


def test_another_kind_of_cluster_and_of_storage_is_refused() -> None:
    nyu = site("nyu")
    assert told(nyu, site("nyu", cluster={"kind": "local"})) == ["cluster.kind"]
    assert told(nyu, site("nyu", object_storage={"kind": "none"})) == ["object_storage.kind"]
    tenant = {"scope": "namespace", "namespaces": ["given"]}
    ingress = {"kind": "class", "class_name": "nginx", "domain": "nyu.example.edu"}
    moved = site("nyu", privilege=tenant, ingress=ingress)
    assert told(nyu, moved) == ["privilege.scope"]
    other = site("nyu", privilege={**tenant, "namespaces": ["other"]}, ingress=ingress)
    assert told(moved, other) == ["privilege.namespaces"]


def test_a_template_and_a_shared_class_are_fixed_where_they_are_used() -> None:
    magnum = changed("illinois", "cluster", method="magnum", template="a")
    assert "cluster.template" in deployed_fields(magnum, CONTRACTS)
    shared = {"storage": ({"access_mode": "ReadWriteMany", "size": "1Gi"},)}
    peak = CONTRACTS["z-peak"]
    wants = peak.model_copy(update={"needs": peak.needs.model_validate(
        {**peak.needs.model_dump(), **shared})})  # fmt: skip
    deployed = deployed_fields(site(), {**CONTRACTS, "z-peak": wants})
    assert deployed["storage.rwx_class"] == "local-path"


def test_a_bare_site_may_get_a_storage() -> None:
    bare = site("nyu", object_storage={"kind": "none"}, patterns={"fitting-service": {}})
    assert told(bare, site("nyu")) == []


def test_what_is_stored_elsewhere_may_move() -> None:
    remote = {"kind": "s3", "endpoint": "https://a.example.edu", "buckets": ["z-peak"]}
    other = {**remote, "endpoint": "https://b.example.edu"}
    assert told(site("nyu", object_storage=remote), site("nyu", object_storage=other)) == []


def test_a_line_for_a_claim_lets_its_class_change_while_it_stands() -> None:
    line = {"object": "PersistentVolumeClaim/ssl-object-storage/object-storage", "reason": "x"}
    now = changed("nyu", "storage", rwo_class="other").model_dump()
    for last, refused in (("2027-01-01", []), ("2026-12-31", ["storage.rwo_class"])):
        allowed = Site.model_validate({**now, "data_loss": [{**line, "expires": last}]})
        assert told(site("nyu"), allowed) == refused


def test_each_field_has_a_section_and_each_section_a_field() -> None:
    page = (ROOT / "docs/migrations.md").read_text()
    sections = re.findall(r"^## `([a-z_.]+)`$", page, re.MULTILINE)
    assert sections == [each.path for each in FIELDS]


def test_a_deployment_is_refused_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    file = tmp_path / "sites/nyu.yaml"
    file.write_text((ROOT / "sites/nyu.yaml").read_text())
    deployed = deployed_fields(site("nyu"), CONTRACTS)
    known = Inventory((), {OUTPUT: json.dumps(deployed)})
    require_unchanged(tmp_path, site("nyu"), known)
    with pytest.raises(SslabError) as refused:
        require_unchanged(tmp_path, changed("nyu", "storage", rwo_class="other"), known)
    assert re.fullmatch(
        r"sites/nyu\.yaml:\d+:\d+: storage\.rwo_class: other cannot take the place of .+, which is "
        r"deployed: the class of a claim that holds data cannot be changed; "
        r"docs/migrations\.md#storagerwo_class says how to migrate",
        str(refused.value),
    )
    require_unchanged(tmp_path, site("nyu"), Inventory())  # nothing is deployed


def test_only_what_a_line_names_is_let_go() -> None:
    name = "PersistentVolumeClaim/ssl-object-storage/object-storage"
    line = {"object": name, "reason": "x", "expires": "2099-12-31"}
    assert let_go(site("nyu", data_loss=[line]), inventory()) == (claim()["urn"],)
    assert let_go(site("nyu"), inventory()) == ()
    assert let_go(site("nyu", data_loss=[line]), inventory(protect=False)) == ()
