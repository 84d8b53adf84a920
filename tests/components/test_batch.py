"""Batch systems as patterns get them."""

from __future__ import annotations

import pulumi
import pytest

from components.batch import BatchSystem, batch_secret
from components.place import Place
from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import optional_secrets
from tests.components import recording
from tests.components.recording import ROOT, Recording, record_laboratory, secret_values, site

SYSTEMS = [
    {"kind": "slurm"},
    {"kind": "htcondor-ce", "endpoint": "ce.example.edu"},
    {"kind": "htcondor", "endpoint": "pool.example.edu", "port": 9700},
]


def recorded(
    monkeypatch: pytest.MonkeyPatch, needs_batch: bool, **tokens: str
) -> tuple[Recording, tuple[BatchSystem, ...]]:
    """Record a site with batch systems, and a pattern that makes a Secret for each it gets."""

    def contracts(_: object) -> dict[str, Contract]:
        known = load_contracts(ROOT)
        needs = known["z-peak"].needs.model_copy(update={"batch": needs_batch})
        return {**known, "z-peak": known["z-peak"].model_copy(update={"needs": needs})}

    got: list[tuple[BatchSystem, ...]] = []

    def sends(name: str, place: Place, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
        made = pulumi.ComponentResource("ssl:patterns:ZPeak", name, None, opts)
        got.append(place.batch)
        for system in place.batch:
            batch_secret(name, place.namespace, system, made)
        return made

    monkeypatch.setattr(recording, "load_contracts", contracts)
    the_site = site(batch=SYSTEMS)
    values = secret_values(the_site) | {key.replace("_", "-"): text for key, text in tokens.items()}
    return record_laboratory(the_site, values, components={"z-peak": sends}), got[0]


def test_a_pattern_that_needs_batch_gets_the_systems_that_are_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, systems = recorded(monkeypatch, True, batch_htcondor_ce_token="given")
    assert [(each.kind, each.host, each.port) for each in systems] == [
        ("htcondor-ce", "ce.example.edu", 9619),
        ("htcondor", "pool.example.edu", 9700),
    ]
    secret = made.one("Secret", "z-peak-htcondor-ce", "z-peak")
    assert secret.props["stringData"] == {"token": "given"}
    assert not secret.plain("stringData.token")
    assert "z-peak-htcondor" not in {each.metadata["name"] for each in made.of("Secret")}


def test_a_pattern_that_needs_none_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made, systems = recorded(monkeypatch, False, batch_htcondor_ce_token="given")
    assert systems == ()
    assert "z-peak-htcondor-ce" not in {each.metadata["name"] for each in made.of("Secret")}


def test_a_site_may_give_a_token_for_each_kind_that_is_reached() -> None:
    known = optional_secrets(site(batch=SYSTEMS))
    assert [each.key for each in known] == ["batch-htcondor-ce-token", "batch-htcondor-token"]
    assert not any(each.needed or each.recipe for each in known)
    assert optional_secrets(site()) == ()
