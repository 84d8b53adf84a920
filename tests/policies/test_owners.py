from __future__ import annotations

from pathlib import Path

import pytest

from policies.owners import Owners, grants_of, known_owners
from sslab.catalogue.contract import Powers
from sslab.catalogue.quantity import parse_quantity
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[2]

INGRESS = Powers(external_service=True)
LABORATORY = Powers(cluster_scoped=("Namespace",))
FITTING = Powers(run_as_root=True)
OWNERS = Owners(
    layers={"Laboratory": LABORATORY, "Ingress": INGRESS},
    patterns={"fitting-service": FITTING, "servicex": Powers(host_path=True)},
)


@pytest.mark.parametrize(
    ("chain", "powers"),
    [
        ("kubernetes:core/v1:Pod", Powers()),
        ("ssl:components:Laboratory$kubernetes:core/v1:Pod", LABORATORY),
        ("ssl:components:Laboratory$ssl:components:Ingress$kubernetes:core/v1:Pod", INGRESS),
        ("ssl:components:Ingress$kubernetes:helm.sh/v4:Chart$kubernetes:core/v1:Pod", INGRESS),
        ("ssl:components:Laboratory$ssl:patterns:FittingService$kubernetes:core/v1:Pod", FITTING),
        ("ssl:patterns:FittingService$ssl:components:Part$kubernetes:core/v1:Pod", FITTING),
        ("ssl:patterns:ServiceX$kubernetes:core/v1:Pod", Powers(host_path=True)),
        ("ssl:components:Laboratory$ssl:patterns:Unknown$kubernetes:core/v1:Pod", Powers()),
        ("ssl:components:Unknown$kubernetes:core/v1:Pod", Powers()),
        ("other:components:Ingress$kubernetes:core/v1:Pod", Powers()),
        ("ssl:components:Ingress", Powers()),
    ],
)
def test_the_innermost_known_component_gives_the_powers(chain: str, powers: Powers) -> None:
    assert OWNERS.powers(f"urn:pulumi:local::ssl::{chain}::name") == powers


def test_a_name_cannot_pass_for_a_component() -> None:
    urn = "urn:pulumi:local::ssl::kubernetes:core/v1:Pod::a::ssl:components:Ingress$x::b"
    assert OWNERS.powers(urn) == Powers()


@pytest.mark.parametrize("urn", ["", "urn:pulumi:local", "::::::", "$$$"])
def test_what_is_no_urn_has_no_powers(urn: str) -> None:
    assert OWNERS.powers(urn) == Powers()


@pytest.mark.parametrize(
    ("chain", "pattern"),
    [
        (
            "ssl:components:Laboratory$ssl:patterns:FittingService$apps/v1:Deployment",
            "fitting-service",
        ),
        ("ssl:patterns:ServiceX$ssl:components:Part$kubernetes:core/v1:Pod", "servicex"),
        ("ssl:patterns:Unknown$kubernetes:core/v1:Pod", None),
        ("ssl:components:Ingress$kubernetes:core/v1:Pod", None),
    ],
)
def test_a_resource_is_of_the_pattern_around_it(chain: str, pattern: str | None) -> None:
    assert OWNERS.pattern(f"urn:pulumi:local::ssl::{chain}::name") == pattern


def test_a_pattern_may_request_its_share_of_the_quota() -> None:
    site = load_site(ROOT / "sites/local.yaml", ROOT)
    grants = grants_of(ROOT, known_owners(ROOT), site)
    chain = "urn:pulumi:local::ssl::ssl:components:Laboratory$"
    share = grants(f"{chain}ssl:patterns:FittingService$kubernetes:apps/v1:Deployment::x").share
    assert share is not None
    assert site.quota is not None
    assert parse_quantity("1Gi") <= parse_quantity(share.memory) < parse_quantity(site.quota.memory)
    assert grants(f"{chain}ssl:components:Ingress$kubernetes:apps/v1:Deployment::x").share is None
