from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from sslab.cluster import access
from sslab.cluster.kubeconfig import by_google_account, by_token
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]


def test_a_kubeconfig_by_token_trusts_one_authority() -> None:
    document = json.loads(by_token("https://192.0.2.1:6443", "PEM", "hidden"))
    (cluster,) = document["clusters"]
    assert cluster["cluster"]["server"] == "https://192.0.2.1:6443"
    assert base64.b64decode(cluster["cluster"]["certificate-authority-data"]) == b"PEM"
    (context,) = document["contexts"]
    assert context["name"] == document["current-context"]
    assert document["users"] == [{"name": context["context"]["user"], "user": {"token": "hidden"}}]


def test_a_kubeconfig_for_google_holds_no_credential() -> None:
    (user,) = json.loads(by_google_account("https://192.0.2.1", "UEVN"))["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["provideClusterInfo"] is True


def test_the_kubeconfig_of_a_made_cluster_is_kept_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    site = load_site(ROOT / "sites/gke.yaml", ROOT)
    text = by_token("https://192.0.2.1:6443", "PEM", "hidden")
    access.keep(site, text)
    kept = access.kubeconfig(site).kubeconfig
    assert kept.read_text() == text
    assert kept.stat().st_mode & 0o777 == 0o600
    given = tmp_path / "given"
    given.write_text("another")
    access.keep(site, str(given))
    assert kept.read_text() == "another"
