"""What is said of a cluster that does not answer; a script that says its words is kubectl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.cluster import reachable
from sslab.cluster.errors import ClusterError
from sslab.cluster.reachable import require_reachable
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
NAMED = {"kind": "existing", "context": "campus"}
POOL = {"name": "workers", "machine": "large", "most": 3}
GKE = {"kind": "gke", "project": "paying", "region": "us-central1", "node_pools": [POOL]}
REFUSED = (
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?"
)


def at(cluster: dict[str, Any]) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, "cluster": cluster})


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    (tmp_path / "kubeconfig").touch()


def kubectl(folder: Path, says: str, code: int = 1, *, first: str = ":") -> Path:
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\n{first}\necho "{says}" >&2\n')
    program.write_text(f"{program.read_text()}exit {code}\n")
    program.chmod(0o755)
    return program


def refusal(site: Site, program: Path) -> str:
    with pytest.raises(ClusterError) as refused:
        require_reachable(site, program)
    return str(refused.value)


def test_a_cluster_that_answers_is_asked_for_its_version_within_seconds(tmp_path: Path) -> None:
    require_reachable(at(NAMED), kubectl(tmp_path, "", 0))
    assert (tmp_path / "asked").read_text().split() == [
        f"--kubeconfig={tmp_path}/kubeconfig", "--request-timeout=5s", "--context=campus",
        "get", "--raw", "/version",
    ]  # fmt: skip


def test_an_account_without_the_right_to_ask_has_an_answer(tmp_path: Path) -> None:
    require_reachable(at(NAMED), kubectl(tmp_path, "Error from server (Forbidden): no"))


def test_a_closed_port_is_told_with_field_and_context(tmp_path: Path) -> None:
    assert refusal(at(NAMED), kubectl(tmp_path, REFUSED)) == (
        f"sites/local.yaml: cluster.context: the cluster of the context campus does not answer: "
        f"{REFUSED}; see whether its API server runs, and whether a VPN or a tunnel leads there"
    )


def test_the_kubeconfig_of_another_cluster_is_told(tmp_path: Path) -> None:
    unknown = "Unable to connect to the server: tls: failed to verify certificate: x509: signed by"
    assert "may be of another cluster: get this" in refusal(at(NAMED), kubectl(tmp_path, unknown))


@pytest.mark.parametrize(
    "said",
    [
        "error: You must be logged in to the server (Unauthorized)",
        "error: You must be logged in to the server (the server has asked for the client to "
        "provide credentials)",
        "Unable to connect to the server: getting credentials: exec: executable login failed",
    ],
)
def test_credentials_that_have_expired_are_told(tmp_path: Path, said: str) -> None:
    told = refusal(at(NAMED), kubectl(tmp_path, said))
    assert "cluster.context: the cluster does not take the credentials of the context camp" in told
    assert "they may have expired: log in again" in told


def test_a_context_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = refusal(at(NAMED), kubectl(tmp_path, 'error: context \\"campus\\" does not exist'))
    assert f"cluster.context: {tmp_path}/kubeconfig has no context campus; `kubectl" in told


def test_a_file_that_is_no_kubeconfig_is_told(tmp_path: Path) -> None:
    told = refusal(at(NAMED), kubectl(tmp_path, "error: error loading config file: yaml: line 1"))
    assert "cluster.context: error loading config file: yaml: line 1; get the kubeconfig" in told


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        (NAMED, "name another in KUBECONFIG or as cluster.kubeconfig"),
        ({**NAMED, "kubeconfig": "~/elsewhere"}, "or write its place as cluster.kubeconfig"),
        (GKE, "`sslab up local` makes the cluster and keeps it there"),
    ],
)
def test_a_kubeconfig_that_is_not_there_is_told(
    tmp_path: Path, cluster: dict[str, Any], told: str
) -> None:
    (tmp_path / "kubeconfig").unlink()
    assert told in refusal(at(cluster), tmp_path / "nobody-asks")


def test_a_site_that_names_no_context_is_told_so(tmp_path: Path) -> None:
    told = refusal(at({"kind": "existing"}), tmp_path / "nobody-asks")
    assert told.startswith("sites/local.yaml: cluster.context: is not known; name the kubeconfig")


def test_a_login_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "LOGIN_S", 0.3)
    told = refusal(at(NAMED), kubectl(tmp_path, "", 0, first="exec sleep 20"))
    assert "does not answer: nothing within 0 s" in told
