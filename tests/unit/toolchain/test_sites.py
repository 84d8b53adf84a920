"""Which of the optional programs, charts and images a site gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import images_of
from sslab.catalogue.loading import load_contracts
from sslab.engine.environment import prepare
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.toolchain import sites
from sslab.toolchain.build import Toolchain
from sslab.toolchain.charts import METALLB_CHART
from sslab.toolchain.programs import METALLB, OAUTH2_PROXY, OPENSTACK

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT)
OWN = {"kind": "metallb", "pool": ["192.0.2.0/28"], "install": True}
OPENSTACK_CLUSTER = {
    "kind": "openstack",
    "cloud": "c",
    "method": "k3s",
    "image": "i",
    "control_plane": "f",
    "node_pools": [{"name": "workers", "machine": "f", "most": 3}],
}


def site(**changes: Any) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, **changes})


def test_this_machines_site_needs_nothing_more() -> None:
    local = site()
    assert sites.plugins(local) == ()
    assert sites.charts(local) == ()
    assert sites.image_programs(local, CONTRACTS) == {}


def test_a_metallb_of_our_own_needs_programs_a_chart_and_an_image() -> None:
    local = site(load_balancing=OWN)
    assert sites.image_programs(local, CONTRACTS) == {"metallb": METALLB}
    assert sites.charts(local) == (METALLB_CHART,)
    folder = sites.chart_folders(local, ROOT)["metallb"]
    assert folder.version == METALLB_CHART.version(ROOT / "toolchain")
    # the images of another cluster come from a registry, or somebody else brings them
    elsewhere = {"load_balancing": OWN, "cluster": {"kind": "existing"}}
    assert sites.image_programs(site(**elsewhere), CONTRACTS) == {}
    pushed = site(**elsewhere, registry={"images": "registry.example.edu/ssl"})
    assert sites.image_programs(pushed, CONTRACTS) == {"metallb": METALLB}


@pytest.mark.parametrize(
    "changes",
    [
        {"load_balancing": {**OWN, "install": False}},
        {
            "load_balancing": OWN,
            "ingress": {"kind": "class", "class_name": "nginx", "domain": "ssl.example.edu"},
        },
    ],
)
def test_the_sites_own_metallb_needs_nothing(changes: dict[str, Any]) -> None:
    assert sites.image_programs(site(**changes), CONTRACTS) == {}
    assert sites.charts(site(**changes)) == ()


def test_only_the_images_of_a_sites_pods_are_built() -> None:
    assert images_of(site(), CONTRACTS) == ["fitting-service", "seaweedfs", "traefik", "z-peak"]
    assert images_of(site(patterns={}), CONTRACTS) == ["seaweedfs", "traefik"]
    assert images_of(site(load_balancing=OWN, patterns={}, object_storage=None), CONTRACTS) == [
        "metallb",
        "traefik",
    ]


def test_a_login_in_front_of_a_pattern_needs_a_program_and_an_image() -> None:
    asking = asks("fitting-service", login=True)
    assert sites.image_programs(site(), asking) == {"oauth2-proxy": (OAUTH2_PROXY,)}
    assert "oauth2-proxy" in images_of(site(), asking)
    assert sites.image_programs(site(patterns={"z-peak": {}}), asking) == {}
    itself = asks("fitting-service", login=True, own_login=True)
    assert sites.image_programs(site(), itself) == {}
    assert "oauth2-proxy" not in images_of(site(), itself)


def asks(pattern: str, **needs: bool) -> dict[str, Contract]:
    contract = CONTRACTS[pattern]
    changed = contract.needs.model_copy(update=needs)
    return {**CONTRACTS, pattern: contract.model_copy(update={"needs": changed})}


def test_only_a_cluster_on_openstack_gets_its_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    link = Path("plugins/resource-openstack-v5.5.3/pulumi-resource-openstack")
    home = Path(prepare(site(), toolchain)["PULUMI_HOME"])
    assert not (home / link).is_symlink()
    on_openstack = site(cluster=OPENSTACK_CLUSTER)
    assert sites.plugins(on_openstack) == (OPENSTACK,)
    home = Path(prepare(on_openstack, toolchain)["PULUMI_HOME"])
    assert (home / link).readlink() == toolchain.path(OPENSTACK)
