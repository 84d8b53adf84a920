from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from sslab.engine.accounts import require_account, require_plugin
from sslab.errors import SslabError
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
POOL = {"name": "workers", "machine": "large", "most": 3}
GKE = {"kind": "gke", "project": "paying", "region": "us-central1", "node_pools": [POOL]}
OPENSTACK = {
    "kind": "openstack", "cloud": "campus", "method": "k3s", "image": "ubuntu",
    "external_network": "public", "control_plane": "medium", "node_pools": [POOL],
}  # fmt: skip


def there(cluster: dict[str, Any], **fields: Any) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, "cluster": {**cluster, **fields}})


def refusal(site: Site, environment: dict[str, str]) -> str:
    with pytest.raises(SslabError) as refused:
        require_account(site, environment)
    return str(refused.value)


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_a_site_with_a_cluster_needs_no_account() -> None:
    require_account(load_site(ROOT / "sites/local.yaml"), {})


@pytest.mark.parametrize(("cluster", "field"), [(GKE, "project"), (OPENSTACK, "external_network")])
def test_a_fact_that_is_missing_is_named_by_its_field(cluster: dict[str, Any], field: str) -> None:
    assert refusal(there(cluster, **{field: None}), {}) == (
        f"sites/local.yaml: cluster.{field}: is not known, and no cluster can be made without it; "
        "write it there"
    )


def test_google_needs_credentials(tmp_path: Path) -> None:
    assert "; run `gcloud auth application-default login`" in refusal(there(GKE), {})
    require_account(there(GKE), {"GOOGLE_APPLICATION_CREDENTIALS": "/a/file"})
    own = tmp_path / ".config/gcloud/application_default_credentials.json"
    own.parent.mkdir(parents=True)
    own.touch()
    require_account(there(GKE), {})


def test_openstack_needs_a_clouds_yaml_with_the_entry(tmp_path: Path) -> None:
    assert "campus of clouds.yaml (cluster.cloud), and there is no such" in refusal(
        there(OPENSTACK), {}
    )
    file = tmp_path / "named.yaml"
    environment = {"OS_CLIENT_CONFIG_FILE": str(file)}
    file.write_text("clouds: {other: {}, third: {}}")
    assert f"which {file} has not; there are: other, third; call" in refusal(
        there(OPENSTACK), environment
    )
    file.write_text("clouds: [")
    assert f"{file} cannot be read" in refusal(there(OPENSTACK), environment)
    file.write_text("- nothing")
    assert "there are: none" in refusal(there(OPENSTACK), environment)
    file.write_text("clouds: {campus: {auth: {password: hidden}}}")
    require_account(there(OPENSTACK), environment)


def test_the_first_clouds_yaml_counts(tmp_path: Path) -> None:
    own = tmp_path / ".config/openstack/clouds.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("clouds: {campus: {}}")
    require_account(there(OPENSTACK), {})
    (tmp_path / "clouds.yaml").write_text("clouds: {other: {}}")
    assert "there are: other" in refusal(there(OPENSTACK), {})


def test_googles_provider_is_installed_by_hand(tmp_path: Path) -> None:
    environment = {"PULUMI_HOME": str(tmp_path)}
    with pytest.raises(SslabError, match="pulumi plugin install resource gcp") as refused:
        require_plugin(there(GKE), environment)
    assert "sslab env local" in str(refused.value)
    (tmp_path / "plugins" / f"resource-gcp-v{version('pulumi-gcp')}").mkdir(parents=True)
    require_plugin(there(GKE), environment)
    require_plugin(there(OPENSTACK), {})
