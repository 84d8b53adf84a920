"""What is watched at a site, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.layers import images_of, layer_needs, metrics_behind_login
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.monitoring import watched
from sslab.catalogue.secrets import required_secrets
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT)
ISSUER = {"issuer": "https://login.example.edu", "client": "ssl"}
OWN = {"mode": "own"}
CLASS = {"kind": "class", "class_name": "nginx", "domain": "ssl.example.edu"}
ALL = ("traefik", "object-storage", "object-storage-gateway", "fitting-service")


def site(**facts: Any) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, **facts})


@pytest.mark.parametrize(
    ("facts", "jobs"),
    [
        ({}, ()),
        ({"monitoring": OWN}, ("prometheus", *ALL)),
        ({"monitoring": {"mode": "reuse"}}, ALL),
        ({"monitoring": OWN, "ingress": CLASS, "object_storage": None, "patterns": {}},
         ("prometheus",)),
        ({"monitoring": OWN, "patterns": {"z-peak": {}}}, ("prometheus", *ALL[:3])),
    ],
)  # fmt: skip
def test_a_site_is_watched_as_far_as_it_runs_something(
    facts: dict[str, Any], jobs: tuple[str, ...]
) -> None:
    assert watched(site(**facts), CONTRACTS) == jobs


def test_prometheus_is_run_and_paid_for_only_where_it_is_the_laboratorys_own() -> None:
    assert "prometheus" in images_of(site(monitoring=OWN), CONTRACTS)
    assert layer_needs(site(monitoring=OWN))["Monitoring"].cpu == "100m"
    for mode in ("reuse", "off"):
        assert "prometheus" not in images_of(site(monitoring={"mode": mode}), CONTRACTS)
        assert "Monitoring" not in layer_needs(site(monitoring={"mode": mode}))


def test_a_login_in_front_of_it_takes_its_own_pods_image_and_secrets() -> None:
    guarded = site(monitoring=OWN, identity=ISSUER)
    assert metrics_behind_login(guarded)
    needs = layer_needs(guarded)["Monitoring"]
    assert (needs.cpu, needs.memory) == ("140m", "640Mi")
    assert "oauth2-proxy" in images_of(guarded, CONTRACTS)
    keys = {spec.key for spec in required_secrets(guarded, CONTRACTS)}
    assert keys >= {"identity-client-secret", "identity-cookie-secret"}


@pytest.mark.parametrize(
    "facts",
    [
        {"monitoring": OWN},
        {"monitoring": OWN, "identity": {**ISSUER, "client": None}},
        {"monitoring": OWN, "identity": ISSUER, "ingress": None},
        {"monitoring": {"mode": "reuse"}, "identity": ISSUER},
    ],
)
def test_without_a_login_or_a_way_in_there_is_neither(facts: dict[str, Any]) -> None:
    assert not metrics_behind_login(site(**facts))
    assert "oauth2-proxy" not in images_of(site(**facts), CONTRACTS)
    keys = {spec.key for spec in required_secrets(site(**facts), CONTRACTS)}
    assert not {key for key in keys if key.startswith("identity-")}
