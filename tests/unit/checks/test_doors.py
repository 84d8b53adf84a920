"""How each kind of site is reached: its cluster, its URLs, and what `sslab up` says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.cli.report import summary
from sslab.cluster.access import embedded, kubeconfig
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
POOL = {"name": "workers", "machine": "large", "most": 3}
GKE = {"kind": "gke", "region": "us-central1", "node_pools": [POOL]}
OPENSTACK = {
    "kind": "openstack",
    "cloud": "campus",
    "method": "k3s",
    "control_plane": "medium",
    "node_pools": [POOL],
}
CLASS = {"kind": "class", "class_name": "haproxy", "domain": "ssl.example.edu"}
ENCRYPTED = {**CLASS, "tls": {"kind": "secret", "secret": "wildcard"}}
S3 = {"kind": "s3", "endpoint": "https://s3.example.edu", "buckets": ["z-peak"], "prefix": "ssl-"}


def at(**facts: Any) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, **facts})


def laboratory(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Laboratory:
    monkeypatch.setattr("sslab.laboratory.load_site", lambda _: at(**facts))
    return Laboratory(ROOT, "local", Progress())


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/first:{tmp_path}/second")


def test_a_context_is_looked_for_where_the_site_or_the_shell_says(tmp_path: Path) -> None:
    named = {"kind": "existing", "context": "campus"}
    assert kubeconfig(at(cluster=named)).kubeconfig == tmp_path / "first"
    own = kubeconfig(at(cluster={**named, "kubeconfig": "~/.kube/ssl"}))
    assert own.kubeconfig == tmp_path / ".kube/ssl"
    assert own.context == "campus"


@pytest.mark.parametrize("cluster", [{"kind": "local"}, {"kind": "existing"}, GKE, OPENSTACK])
def test_without_a_context_no_cluster_of_the_shell_is_touched(
    tmp_path: Path, cluster: dict[str, Any]
) -> None:
    the_site = at(cluster=cluster)
    found = kubeconfig(the_site)
    assert found.kubeconfig == tmp_path / "state/sslab/clusters/local/kubeconfig"
    assert found.context is None
    assert embedded(the_site) is (cluster["kind"] == "local")


def test_a_site_without_kubernetes_is_refused_in_one_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = r"takes batch work only: nothing is deployed there; describe"
    the_laboratory = laboratory(monkeypatch, cluster={"kind": "hpc"})
    for step in (
        lambda: the_laboratory.up(interactive=False),
        the_laboratory.check,
        the_laboratory.stack,
        the_laboratory.require_deployable,
    ):
        with pytest.raises(SslabError, match=message):
            step()


@pytest.mark.parametrize(
    ("facts", "url", "objects"),
    [
        ({}, "http://fitting-service.ssl.localhost:8080", "http://s3.ssl.localhost:8080"),
        (
            {"ingress": ENCRYPTED},
            "https://fitting-service.ssl.example.edu",
            "https://s3.ssl.example.edu",
        ),
        (
            {"ingress": CLASS, "object_storage": S3},
            "http://fitting-service.ssl.example.edu",
            "https://s3.example.edu",
        ),
        ({"ingress": None}, None, "inside the cluster only"),
        ({"ingress": {"kind": "none"}, "object_storage": None}, None, None),
    ],
)
def test_the_summary_names_the_doors_that_there_are(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], url: str | None, objects: str | None
) -> None:
    lines = summary(laboratory(monkeypatch, **facts)).splitlines()
    found = dict(line.split("  ", 1) for line in lines if not line.startswith(" "))
    shown = {name: text.strip() for name, text in found.items()}
    assert shown.get("Fitting service") == url
    assert shown.get("Object storage (S3)") == objects


def test_the_summary_shows_a_tenant_its_own_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = {"scope": "namespace", "namespaces": ["given"]}
    text = summary(laboratory(monkeypatch, privilege=tenant, ingress=CLASS, object_storage=S3))
    assert "kubectl get pods -n given" in text
    assert "https://s3.example.edu/ssl-z-peak/results/z-peak.png" in text
    assert "s3-z-peak-access-key" in text
