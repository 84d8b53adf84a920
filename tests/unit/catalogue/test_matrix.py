from __future__ import annotations

from typing import Any

from sslab.catalogue.contract import Contract
from sslab.catalogue.matrix import as_json, as_markdown, explanations, matrix
from sslab.site.model import Site
from tests.unit.catalogue.test_placement import contract, site

CONTRACTS = {
    name: contract(name, cpu=cpu, **more)
    for name, cpu, more in (
        ("small", "1", {}),
        ("deep", "100", {"cvmfs": ["atlas.cern.ch"]}),
        ("wide", "1", {"cvmfs": ["atlas.cern.ch"]}),
    )
}


def sites() -> list[Site]:
    bare: dict[str, Any] = {"name": "b", "title": "B <at> *x*", "status": "planned"}
    return [
        site(patterns={"small": {}}),
        Site.model_validate({**bare, "cluster": {"kind": "hpc"}}),
        site(name="c", status="planned", patterns={"small": {}}),
    ]


def test_what_runs_what_could_and_what_cannot() -> None:
    rows = {row.site.name: row for row in matrix(CONTRACTS, sites()).rows}
    assert rows["a"].states == {"deep": "no", "small": "runs", "wide": "no"}
    assert rows["b"].states == {"deep": "no", "small": "no", "wide": "no"}
    assert rows["c"].states == {"deep": "no", "small": "yes", "wide": "no"}, "nothing runs there"


def test_sites_and_patterns_are_sorted() -> None:
    shown = matrix(CONTRACTS, list(reversed(sites())))
    assert [row.site.name for row in shown.rows] == ["a", "b", "c"]
    assert list(shown.patterns) == ["deep", "small", "wide"]


def test_a_reason_is_told_once_for_all_its_patterns() -> None:
    first, second, _ = matrix(CONTRACTS, sites()).rows
    assert explanations(first) == [
        "deep: quota.cpu: its pods request 100 CPU, the quota is 4; raise quota.cpu to at least "
        "100",
        "deep, wide: cvmfs: it mounts atlas.cern.ch, whether the site has CVMFS is not known; "
        'set "cvmfs: {kind: csi, repositories: [atlas.cern.ch]}", or kind host where it is',
    ]
    (only,) = explanations(second)
    assert only.startswith("deep, small, wide: cluster.kind: its pods need Kubernetes")


def test_as_json() -> None:
    shown = as_json(matrix(CONTRACTS, sites()))
    assert [each["name"] for each in shown["patterns"]] == ["deep", "small", "wide"]
    assert [(each["name"], each["status"]) for each in shown["sites"]] == [
        ("a", "active"), ("b", "planned"), ("c", "planned"),
    ]  # fmt: skip
    cells = shown["sites"][0]["patterns"]
    assert cells["small"] == {"state": "runs", "reasons": []}
    assert cells["wide"]["state"] == "no"
    assert [each["field"] for each in cells["wide"]["reasons"]] == ["cvmfs"]
    assert set(cells["wide"]["reasons"][0]) == {"field", "why", "remedy"}


def test_as_markdown() -> None:
    lines = as_markdown(matrix(CONTRACTS, sites())).splitlines()
    assert lines[:6] == [
        "| site | a | b | c |",
        "|---|---|---|---|",
        "| status | active | planned | planned |",
        "| deep | no | no | no |",
        "| small | **runs** | no | yes |",
        "| wide | no | no | no |",
    ]
    assert r"`sites/b.yaml`, B \<at\> \*x\*:" in lines
    assert all(not line or line[0] in "|`-" for line in lines)


def test_without_patterns_and_without_sites() -> None:
    nothing: dict[str, Contract] = {}
    assert matrix(nothing, sites()).rows[0].states == {}
    assert as_markdown(matrix(nothing, sites())).count("\n") == 3
