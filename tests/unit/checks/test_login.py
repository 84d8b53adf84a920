"""Smoke tests of a service that lets nobody in without a login."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sslab.checks import login
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.inside import Inside, command
from sslab.cluster.access import ClusterAccess
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
KUBECTL = """#!/bin/sh
echo "$@" >> {calls}
case "$*" in
*/broken*) echo "Error from server: no endpoints available" >&2; exit 1 ;;
*create*) cat ;;
*) echo fine ;;
esac
"""


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(KUBECTL.format(calls=tmp_path / "calls"))
    kubectl.chmod(0o755)
    cluster = ClusterAccess(tmp_path / "kubeconfig", "campus")
    return Inside(command(kubectl, cluster), "tenant", "fitting-service")


def access(inside: Inside) -> SiteAccess:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    identity = {"issuer": "https://login.example.edu", "client": "ssl"}
    site = Site.model_validate({**data, "identity": identity})
    return SiteAccess(site, {}, inside={"fitting-service": inside})


def test_a_service_behind_a_login_is_asked_by_the_api_server(
    inside: Inside, tmp_path: Path
) -> None:
    doors = access(inside)
    assert doors.get("fitting-service", "/readyz").text == "fine\n"
    assert doors.post("fitting-service", "/v1/fits", {"a": 1}).json() == {"a": 1}
    proxy = "/api/v1/namespaces/tenant/services/http:fitting-service:http/proxy"
    words = f"--kubeconfig={tmp_path / 'kubeconfig'} --context=campus"
    assert (tmp_path / "calls").read_text().splitlines() == [
        f"{words} get --raw {proxy}/readyz",
        f"{words} create --raw {proxy}/v1/fits -f -",
    ]


def test_what_does_not_answer_there_says_where_to_look(inside: Inside) -> None:
    with pytest.raises(
        CheckError, match=r"no endpoints.*; `kubectl logs -n tenant -l app.*=fitting"
    ):
        access(inside).post("fitting-service", "/broken", {})


def stranger(monkeypatch: pytest.MonkeyPatch, inside: Inside, answer: httpx.Response) -> SiteAccess:
    doors = access(inside)
    monkeypatch.setattr(doors, "as_stranger", lambda *_: answer)
    return doors


def found(client: str) -> dict[str, Any]:
    location = f"https://login.example.edu/authorize?client_id={client}&state=x"
    return {"status_code": 302, "headers": {"location": location}}


def test_a_stranger_has_to_be_sent_to_a_login_of_the_sites_client(
    monkeypatch: pytest.MonkeyPatch, inside: Inside
) -> None:
    doors = stranger(monkeypatch, inside, httpx.Response(**found("ssl")))
    measured = login.asked("fitting-service", doors)
    assert (measured.value, measured.expected) == (302, 302)
    other = stranger(monkeypatch, inside, httpx.Response(**found("other")))
    with pytest.raises(
        CheckError, match=r"sends strangers to https://login\.example\.edu/authorize,"
    ):
        login.asked("fitting-service", other)


def test_a_service_that_answers_a_stranger_fails(
    monkeypatch: pytest.MonkeyPatch, inside: Inside
) -> None:
    doors = stranger(monkeypatch, inside, httpx.Response(200, text=json.dumps({"open": True})))
    measured = login.asked("fitting-service", doors)
    assert (measured.value, measured.expected, measured.tolerance) == (200, 302, 0)
