"""Smoke tests: what passes, what does not, and how a laboratory is reached."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from patterns.fitting_service import smoke_test as fitting_service
from patterns.z_peak import smoke_test as z_peak
from patterns.z_peak.workload.z_peak import reference
from sslab.checks import access as access_module
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Check, Measurement, passed
from sslab.site.loading import load_site
from sslab.site.model import Site

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
GOOD = {
    "valid": True,
    "m_z": 91.19,
    "m_z_error": 0.009,
    "chi2": 60.0,
    "ndf": 75,
    "signal_events": 100_000,
}


@pytest.mark.parametrize(
    ("value", "good"), [(1.0, True), (1.1, True), (1.11, False), (float("nan"), False)]
)
def test_the_tolerance_decides(value: float, good: bool) -> None:
    measured = Measurement(check="x", value=value, expected=1.0, tolerance=0.1000001)
    assert passed(measured) is good


def test_a_problem_is_in_the_json_only_where_there_is_one() -> None:
    check = Check(
        pattern="p", check="c", value=None, expected=None, tolerance=None, passed=False,
        duration_s=0.1, image=None, commit="abc", problem="no answer",
    )  # fmt: skip
    assert check.as_json()["problem"] == "no answer"
    assert check.as_json()["value"] is None


class Handler(BaseHTTPRequestHandler):
    """Answers like a laboratory's ingress; what it answers is set on the class."""

    answers: dict[str, tuple[int, bytes]]
    seen: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Host"], self.headers["Authorization"] or ""))
        status, body = self.answers.get(self.path, (404, b"nothing"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteAccess]:
    Handler.answers, Handler.seen = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(access_module, "WARM_UP_S", 0.2)
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    data["ingress"]["port"] = server.server_address[1]
    secrets = {"s3-z-peak-access-key": "AK", "s3-z-peak-secret-key": "hidden"}
    yield SiteAccess(Site.model_validate(data), secrets)
    server.shutdown()


def test_names_under_localhost_are_this_machine(laboratory: SiteAccess) -> None:
    Handler.answers["/ok"] = (200, b"fine")
    assert laboratory.get("fitting-service", "/ok").text == "fine"
    port = laboratory.site.port
    assert Handler.seen[0][1] == f"fitting-service.ssl.localhost:{port}"


def test_objects_are_asked_for_with_a_signature_and_no_secret(laboratory: SiteAccess) -> None:
    Handler.answers["/z-peak/a"] = (200, b"bytes")
    assert laboratory.stored("z-peak", "a") == b"bytes"
    authorization = Handler.seen[0][2]
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=AK/")
    assert "hidden" not in authorization


S3 = {"kind": "s3", "endpoint": "http://127.0.0.1:1", "prefix": "ssl-", "region": "eu-1"}


def at(laboratory: SiteAccess, **facts: Any) -> SiteAccess:
    """Return the doors of the same laboratory at another site."""
    site = Site.model_validate({**laboratory.site.model_dump(), **facts})
    return SiteAccess(site, {"s3-z-peak-access-key": "AK", "s3-z-peak-secret-key": "hidden"})


def test_objects_of_a_storage_that_the_site_has_are_asked_for_there(
    laboratory: SiteAccess,
) -> None:
    Handler.answers["/ssl-z-peak/a"] = (200, b"bytes")
    endpoint = f"http://127.0.0.1:{laboratory.site.port}"
    remote = at(laboratory, object_storage={**S3, "endpoint": endpoint, "buckets": ["z-peak"]})
    assert remote.stored("z-peak", "a") == b"bytes"
    assert "/eu-1/s3/aws4_request" in Handler.seen[0][2]


@pytest.mark.parametrize("none", [None, {"kind": "none"}])
def test_what_cannot_be_reached_says_which_field_would_change_that(
    laboratory: SiteAccess, none: Any
) -> None:
    inside = at(laboratory, ingress=none)
    with pytest.raises(CheckError, match=r"fitting-service of local .*; set ingress"):
        inside.get("fitting-service", "/")
    with pytest.raises(CheckError, match=r"bucket z-peak of local .* and ingress"):
        inside.stored("z-peak", "a")
    with pytest.raises(CheckError, match=r"bucket z-peak of local .*; set object_storage"):
        at(laboratory, object_storage=none).stored("z-peak", "a")


def test_a_certificate_has_to_be_for_the_name_and_not_for_the_address(
    laboratory: SiteAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    tls = {"kind": "secret", "secret": "wildcard"}
    ingress = {"kind": "traefik", "domain": "ssl.localhost", "port": 8443, "tls": tls}
    encrypted = at(laboratory, ingress=ingress)
    monkeypatch.setattr(encrypted, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    encrypted.get("fitting-service", "/ok")
    assert str(asked[0].url) == "https://127.0.0.1:8443/ok"
    assert asked[0].headers["Host"] == "fitting-service.ssl.localhost:8443"
    assert asked[0].extensions["sni_hostname"] == "fitting-service.ssl.localhost"


def test_an_address_stands_for_names_that_dns_does_not_have_yet(laboratory: SiteAccess) -> None:
    domain = "ssl.example.invalid"
    port = laboratory.site.port
    ingress = {"kind": "traefik", "domain": domain, "port": port}
    with pytest.raises(CheckError) as refused:
        at(laboratory, ingress=ingress).get("fitting-service", "/ok")
    assert str(refused.value) == (
        f"DNS has no address for fitting-service.{domain}; make an entry for *.{domain}, or name "
        "the address that it will have: `sslab check local --address ADDRESS`"
    )
    Handler.answers["/ok"] = (200, b"fine")
    site = at(laboratory, ingress=ingress).site
    assert SiteAccess(site, {}, "127.0.0.1").get("fitting-service", "/ok").text == "fine"
    assert Handler.seen[-1][1] == f"fitting-service.{domain}:{port}"


def test_an_address_is_for_the_laboratorys_own_names_alone(laboratory: SiteAccess) -> None:
    Handler.answers["/ssl-z-peak/a"] = (200, b"bytes")
    endpoint = f"http://127.0.0.1:{laboratory.site.port}"
    remote = at(laboratory, object_storage={**S3, "endpoint": endpoint, "buckets": ["z-peak"]})
    secrets = {"s3-z-peak-access-key": "AK", "s3-z-peak-secret-key": "hidden"}
    elsewhere = SiteAccess(remote.site, secrets, "192.0.2.1")
    assert elsewhere.stored("z-peak", "a") == b"bytes"


def test_no_answer_is_one_message_with_the_remedy(laboratory: SiteAccess) -> None:
    with pytest.raises(CheckError, match=r"answered 404: nothing; `kubectl get pods -A`"):
        laboratory.get("fitting-service", "/gone")


def test_a_good_fit_passes_and_a_wrong_one_does_not(laboratory: SiteAccess) -> None:
    fit = {
        "cls_obs": fitting_service.OBSERVED,
        "cls_exp": [*fitting_service.EXPECTED[:4], fitting_service.EXPECTED[4] + 2e-6],
    }
    Handler.answers["/v1/fits"] = (200, json.dumps(fit).encode())
    assert [passed(one) for one in fitting_service.run(laboratory)] == [True] * 5 + [False]


def test_a_refused_fit_says_why(laboratory: SiteAccess) -> None:
    Handler.answers["/v1/fits"] = (422, b"no POI")
    with pytest.raises(CheckError, match="refused with 422: no POI"):
        list(fitting_service.run(laboratory))


def serve(result: dict[str, Any], plot: bytes = z_peak.PNG) -> None:
    Handler.answers[f"/z-peak/{reference.RESULT_KEY}"] = (200, json.dumps(result).encode())
    Handler.answers[f"/z-peak/{reference.PLOT_KEY}"] = (200, plot)


def test_the_mass_is_held_against_its_own_error(laboratory: SiteAccess) -> None:
    serve(GOOD)
    assert all(passed(one) for one in z_peak.run(laboratory))
    serve({**GOOD, "m_z": 91.3})
    assert [passed(one) for one in z_peak.run(laboratory)] == [False, True, True]


def test_a_fit_that_failed_or_a_plot_that_is_none_is_refused(laboratory: SiteAccess) -> None:
    serve({**GOOD, "valid": False})
    with pytest.raises(CheckError, match="did not converge"):
        list(z_peak.run(laboratory))
    serve(GOOD, plot=b"<html>")
    with pytest.raises(CheckError, match="no PNG"):
        list(z_peak.run(laboratory))
