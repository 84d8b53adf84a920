"""A login in front of a service, at a real issuer: who gets in, and what the service learns."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from patterns.fitting_service.smoke_test import OBSERVED, WORKSPACE
from tests.e2e import provider
from tests.e2e.conftest import Lab, copied_clone, host_footprint, processes_of

pytestmark = pytest.mark.e2e

PORT = 18083
URL = f"http://fitting-service.ssl.localhost:{PORT}"
CALLBACK = f"{URL}/oauth2/callback"
COOKIE = "login-fitting-service"
MEMBERS = "urn:mace:incommon:example.edu"
SITE = """\
name: local
title: A login on an embedded cluster
cluster: {{kind: local}}
quota: {{cpu: "4", memory: 6Gi, pods: 50}}
storage: {{capacity: 10Gi}}
ingress: {{kind: traefik, domain: ssl.localhost, port: {port}}}
load_balancing: {{kind: node-ports, http: 30080}}
object_storage: {{kind: seaweedfs, capacity: 2Gi, buckets: [fitting-service]}}
identity:
  issuer: {issuer}
  client: {client}
  identity_providers: ["{members}"]
  username_claim: email
  groups_claim: isMemberOf
patterns:
  fitting-service: {{}}
"""
SERVES = "app.kubernetes.io/name=fitting-service"
ECHO = """
import http.server, json
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps([[key.lower(), value] for key, value in self.headers.items()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("", 8080), Echo).serve_forever()
"""


class Loopback(httpx.HTTPTransport):
    """Connects to names under .localhost at this machine, whatever its resolver knows."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.host.endswith(".localhost"):
            url = url.copy_with(host="127.0.0.1")
        return super().handle_request(
            httpx.Request(
                request.method,
                url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )


@dataclass
class Login:
    """The laboratory, and what its client is at the issuer."""

    lab: Lab
    issuer: str
    client: str
    secret: str
    image: str

    def pulumi(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", 'eval "$(.venv/bin/sslab env local)" && pulumi "$@"', "-", *words],
            cwd=self.lab.clone,
            env=self.lab.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def give_secret(self, value: str) -> None:
        key = "identity-client-secret"
        done = self.pulumi("config", "set", "--secret", key, "-s", "local", stdin=value)
        assert done.returncode == 0, done.stderr

    def deploy(self) -> None:
        done = self.pulumi(
            *("up", "-s", "local", "--yes", "--skip-preview", "--non-interactive"),
            *("--policy-pack", "policies", "--color", "never", "--suppress-progress"),
        )
        self.lab.outputs["deployed"] = done.stdout + done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        answers()

    def log(self) -> str:
        return self.lab.kubectl("logs", "-n", "fitting-service", "deploy/fitting-service-login")


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    """A laboratory whose fitting service is behind a login at an issuer in the same cluster."""
    folder = tmp_path_factory.mktemp("identity")
    clone = copied_clone(folder)
    contract = clone / "patterns/fitting_service/pattern.yaml"
    text = contract.read_text()
    contract.write_text(text.replace("ingress: true,", "ingress: true, login: true,"))
    assert contract.read_text() != text
    lab = Lab(clone, folder / "state", host_footprint())
    try:
        write_site(clone, "http://192.0.2.1:9400", "unknown")
        started = lab.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stderr
        image = provider.run(lab)
        client, secret = provider.register(lab, CALLBACK)
        made = Login(lab, provider.address(lab), client, secret, image)
        write_site(clone, made.issuer, client)
        asked = lab.sslab("secrets", "init", "local")
        lab.outputs["asked"] = asked.stdout + asked.stderr
        made.give_secret(secret)
        up = lab.sslab("up", "local", "--yes", timeout_s=900)
        assert up.returncode == 0, up.stdout + up.stderr
        lab.outputs["up"] = up.stdout + up.stderr
        provider.give(
            lab, "ada", email="ada@example.edu", idp=MEMBERS, isMemberOf=["staff", "physics"]
        )
        provider.give(lab, "eve", email="eve@example.org", idp="https://idp.example.org/saml")
        provider.give(lab, "bob", email="bob@example.org")
        yield made
    finally:
        lab.run("make", "down", timeout_s=300)


def write_site(clone: Path, issuer: str, client: str) -> None:
    text = SITE.format(port=PORT, issuer=issuer, client=client, members=MEMBERS)
    (clone / "sites/local.yaml").write_text(text)


def browser(**options: Any) -> httpx.Client:
    return httpx.Client(transport=Loopback(), base_url=URL, **{"timeout": 60, **options})


def answers() -> None:
    """Wait until the ingress has found the new proxy; to one that is gone it waits in vain."""
    deadline, last = time.monotonic() + 60, ["none"]
    while last[-3:] != ["302"] * 3:
        assert time.monotonic() < deadline, last
        try:
            last.append(str(browser(timeout=3).get("/").status_code))
        except httpx.HTTPError as error:
            last.append(repr(error))


def logged_in(user: str, path: str = "/readyz") -> tuple[httpx.Client, httpx.Response]:
    """Log a user in as a browser does, and return what the path answers in the end."""
    client = browser(follow_redirects=True)
    form = client.get(path)
    assert "<form" in form.text, form.text
    return client, client.post(form.url, data={"sub": user})


def test_the_sites_secret_is_asked_for_and_no_other(login: Login) -> None:
    assert (
        "stacks/Pulumi.local.yaml lacks identity-client-secret; `sslab secrets set local <key>` "
        "takes what the site gave you"
    ) in " ".join(login.lab.outputs["asked"].split())


def test_the_check_says_that_a_login_is_asked_for_and_measures_behind_it(login: Login) -> None:
    done = login.lab.sslab("check", "local", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = {each["check"]: each for each in json.loads(done.stdout)["checks"]}
    assert checks["status without a login"]["value"] == 302
    assert checks["CLs_obs, behind the login"]["value"] == pytest.approx(OBSERVED, abs=1e-6)
    assert all(each["passed"] for each in checks.values())


def test_the_summary_does_not_promise_an_answer_without_a_login(login: Login) -> None:
    assert "in a browser, with a login" in login.lab.outputs["up"]


def test_a_stranger_is_sent_to_the_issuer(login: Login) -> None:
    answer = browser().get("/v1/fits")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{login.issuer}/oauth2/authorize?")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["client_id"] == [login.client]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["response_type"] == ["code"]
    assert asked["scope"] == ["openid email profile"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[each][0]) >= 40 for each in ("code_challenge", "nonce", "state"))
    assert browser().get("/", headers={"Accept": "application/json"}).status_code == 401
    assert browser().post("/v1/fits", json={}).status_code == 302


def test_a_user_who_has_logged_in_gets_the_number(login: Login) -> None:
    client, landed = logged_in("ada")
    assert (landed.status_code, str(landed.url)) == (200, f"{URL}/readyz")
    assert [cookie.name for cookie in client.cookies.jar] == [COOKIE]
    fit = client.post("/v1/fits", json=json.loads(WORKSPACE.read_text()))
    assert fit.status_code == 200, fit.text
    assert fit.json()["cls_obs"] == pytest.approx(OBSERVED, abs=1e-6)


@pytest.mark.parametrize("user", ["eve", "bob"])
def test_a_user_of_another_identity_provider_or_of_none_is_refused(login: Login, user: str) -> None:
    client, answer = logged_in(user)
    assert answer.status_code == 403
    assert client.cookies.get(COOKIE) is None
    assert client.get("/readyz", follow_redirects=False).status_code == 302


def test_a_forged_cookie_opens_nothing(login: Login) -> None:
    client, _ = logged_in("ada")
    value = client.cookies[COOKIE]
    session, at, signature = value.split("|")
    for forged in ("x", f"{session[:-8]}AAAAAAA=|{at}|{signature}", f"{session}|{at}|AAAA"):
        answer = browser().get("/readyz", headers={"Cookie": f"{COOKIE}={forged}"})
        assert answer.status_code == 302, forged
    renamed = browser().get("/readyz", headers={"Cookie": f"login-other={value}"})
    assert renamed.status_code == 302
    unchanged = browser().get("/readyz", headers={"Cookie": f"{COOKIE}={value}"})
    assert unchanged.status_code == 200


@pytest.mark.parametrize("to", ["https://evil.example.org/", "//evil.example.org", "/\\evil.org"])
def test_a_login_ends_at_the_service_and_nowhere_else(login: Login, to: str) -> None:
    client = browser(follow_redirects=True)
    form = client.get("/oauth2/start", params={"rd": to})
    back = client.post(form.url, data={"sub": "ada"}, follow_redirects=False)
    ended = client.get(back.headers["location"], follow_redirects=False)
    assert (ended.status_code, ended.headers["location"]) == (302, "/")


@pytest.fixture
def echo(login: Login) -> Iterator[None]:
    """A pod in the place of the service that answers with the headers that it got."""
    container = {
        "name": "echo",
        "image": login.image,
        "command": ["/opt/app/bin/python", "-c", ECHO],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "echo",
            "namespace": "fitting-service",
            "labels": dict([SERVES.split("=")]),
        },
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
    }
    service, scale = ("-n", "fitting-service"), ("scale", "deploy/fitting-service")
    lab = login.lab
    try:
        # gone first: the proxy keeps its connections to a pod that is still there
        lab.kubectl(*scale, *service, "--replicas=0")
        lab.kubectl("wait", *service, "pod", "-l", SERVES, "--for=delete", "--timeout=60s")
        lab.kubectl("apply", "-f", "-", stdin=json.dumps(pod))
        lab.kubectl("wait", *service, "pod/echo", "--for=condition=Ready")
        yield
    finally:
        lab.kubectl("delete", *service, "pod", "echo", "--ignore-not-found")
        lab.kubectl(*scale, *service, "--replicas=1")
        lab.kubectl("rollout", "status", *service, "deploy/fitting-service")


def test_the_service_learns_from_the_login_alone_who_asks(login: Login, echo: None) -> None:
    client, _ = logged_in("ada")
    forged = {
        "X-Forwarded-User": "root",
        "X-Forwarded-Email": "root@example.org",
        "X-Forwarded-Groups": "wheel",
        "X_Forwarded_User": "root",
    }
    found = told(client, forged)
    assert found["x-forwarded-user"] == ["ada@example.edu"]
    assert found["x-forwarded-email"] == ["ada@example.edu"]
    assert found["x-forwarded-groups"] == ["staff,physics"]
    assert not re.search("root|wheel", json.dumps(found))


def told(client: httpx.Client, headers: dict[str, str]) -> dict[str, list[str]]:
    """Return the headers that reach the service; the Service takes a while to find the pod."""
    deadline = time.monotonic() + 90
    while True:
        answer = client.get("/echo", headers=headers)
        if answer.status_code == 200:
            break
        assert time.monotonic() < deadline, f"{answer.status_code} {answer.text}"
        time.sleep(0.3)
    found: dict[str, list[str]] = {}
    for name, value in answer.json():
        found.setdefault(name, []).append(value)
    return found


def test_no_secret_is_kept_or_told_in_plain_text(login: Login) -> None:
    lab = login.lab
    cookies = lab.sslab("secrets", "show", "local", "identity-cookie-secret").stdout.strip()
    assert len(cookies) == 32
    kept = [*(lab.state / "sslab" / "stacks").rglob("*"), *(lab.clone / "stacks").rglob("*")]
    kept += (lab.home / "logs").rglob("*.log")
    texts = {str(path): path.read_text(errors="replace") for path in kept if path.is_file()}
    texts |= {"the proxy's log": login.log(), **lab.outputs}
    assert "ada@example.edu" in texts["the proxy's log"], "who logged in is there"
    assert "code=" not in texts["the proxy's log"]
    told = [name for name, text in texts.items() if login.secret in text or cookies in text]
    assert told == []


def test_a_wrong_client_secret_is_told_in_the_log_and_mended_by_the_right_one(login: Login) -> None:
    login.give_secret("not-the-secret")
    login.deploy()
    try:
        _, answer = logged_in("ada")
        assert answer.status_code == 500
        assert "token exchange failed" in login.log()
        assert "invalid_client" in login.log()
        assert "not-the-secret" not in login.log() + answer.text
        pods = json.loads(
            login.lab.kubectl(
                "get", "pods", "-n", "fitting-service", "-o", "json",
                "-l", "app.kubernetes.io/name=fitting-service-login",
            )
        )["items"]  # fmt: skip
        statuses = [each["status"]["containerStatuses"][0] for each in pods]
        assert [each["restartCount"] for each in statuses] == [0] * len(statuses)
    finally:
        login.give_secret(login.secret)
        login.deploy()
    _, landed = logged_in("ada")
    assert landed.status_code == 200


def test_down_leaves_nothing(login: Login) -> None:
    where = Path(login.lab.home)
    down = login.lab.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(login.lab.state) == []
    assert not where.exists()
