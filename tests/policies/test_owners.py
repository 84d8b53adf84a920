from __future__ import annotations

import pytest

from policies.owners import Owners
from sslab.catalogue.contract import Powers

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
