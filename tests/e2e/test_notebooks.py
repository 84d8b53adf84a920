"""Notebooks as a user has them: a browser, a login, a server, and a number."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from patterns.notebooks.smoke_test import OBSERVED
from tests.e2e import browser
from tests.e2e.conftest import Lab, copied_clone, host_footprint, processes_of
from tests.e2e.test_identity import Loopback

pytestmark = pytest.mark.e2e

PORT = 18095
URL = f"http://notebooks.ssl.localhost:{PORT}"
IDLE_S = 90
SITE = f"""\
name: local
title: Notebooks on an embedded cluster
cluster: {{kind: local}}
quota: {{cpu: "4", memory: 6Gi, pods: 50}}
storage: {{capacity: 10Gi}}
ingress: {{kind: traefik, domain: ssl.localhost, port: {PORT}}}
load_balancing: {{kind: node-ports, http: 30080}}
identity:
  issuer: http://login.ssl.localhost:{PORT}
  client: ssl
  users:
    - {{name: ada, groups: [physics]}}
    - {{name: bob}}
patterns:
  notebooks:
    idle_timeout_s: {IDLE_S}
    profiles:
      - {{name: small, title: Small}}
      - {{name: large, title: Large, groups: [physics], cpu_limit: "2"}}
"""
SERVER = "hub.jupyter.org/username"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory with notebooks, whose users the site file names."""
    browser.ensure()
    folder = tmp_path_factory.mktemp("notebooks")
    clone = copied_clone(folder)
    (clone / "sites/local.yaml").write_text(SITE)
    made = Lab(clone, folder / "state", host_footprint())
    try:
        up = made.sslab("up", "local", "--yes", timeout_s=5000)
        made.outputs["up"] = up.stdout + up.stderr
        assert up.returncode == 0, made.outputs["up"][-6000:]
        yield made
    finally:
        made.run("make", "down", timeout_s=300)


@pytest.fixture
def context(lab: Lab) -> Iterator[BrowserContext]:
    with browser.opened() as made:
        yield made


def password(lab: Lab, user: str) -> str:
    key = f"identity-user-{user}-password"
    return lab.sslab("secrets", "show", "local", key).stdout.strip()


def logged_in(lab: Lab, context: BrowserContext, user: str) -> Page:
    """Log a user in as people do: by the hub's button, and the issuer's two forms."""
    page = context.new_page()
    page.goto(f"{URL}/hub/spawn")
    page.get_by_role("button", name="Sign in").click()
    page.fill("input[name=login]", user)
    page.keyboard.press("Enter")
    page.fill("input[name=password]", password(lab, user))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{URL}/**")
    return page


def servers(lab: Lab) -> list[str]:
    """Return whose servers run, by their pods."""
    listed = lab.kubectl(
        *("get", "pods", "-n", "notebooks", "-o", "json"),
        *("-l", "app.kubernetes.io/name=notebooks-server"),
    )
    pods: list[dict[str, Any]] = json.loads(listed)["items"]
    return [each["metadata"]["annotations"][SERVER] for each in pods]


def until(what: str, true: Any, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(2)


def test_the_check_runs_the_notebook_and_leaves_no_server(lab: Lab) -> None:
    done = lab.sslab("check", "local", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = {each["check"]: each for each in json.loads(done.stdout)["checks"]}
    assert checks["CLs_obs"]["value"] == pytest.approx(OBSERVED, abs=1e-6)
    assert checks["status without a login"]["value"] == 302
    assert checks["servers left"]["value"] == 0
    assert servers(lab) == []


def test_the_pages_commands_do_what_it_says(lab: Lab) -> None:
    page = (lab.clone / "docs/patterns/notebooks.md").read_text()
    (block,) = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    up, *rest = re.sub(r"^\$ ", "", block, flags=re.MULTILINE).splitlines()
    assert up == ".venv/bin/sslab up local", "the fixture has done it"
    done = lab.run("bash", "-ec", "\n".join(rest))
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert shown[0] == password(lab, "ada")
    assert [line.split()[1] for line in shown if line.startswith("notebooks-")] == ["1/1", "1/1"]
    assert "0.05251497" in done.stdout


def test_a_user_logs_in_runs_the_notebook_and_reads_the_number(
    lab: Lab, context: BrowserContext
) -> None:
    page = logged_in(lab, context, "ada")
    page.get_by_text("Large").wait_for()  # ada is a physicist
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{URL}/user/ada/lab**")
    page.goto(f"{URL}/user/ada/lab/tree/examples/two_bins.ipynb")
    assert not page.get_by_text("Jupyter news").is_visible()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # the kernel has started
    page.get_by_role("heading", name="A limit on a signal").click()  # the menu is then its own
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    shown = page.get_by_text("CLs_obs = 0.0").last.inner_text()
    assert float(shown.rpartition("=")[2]) == pytest.approx(OBSERVED, abs=1e-6)
    assert servers(lab) == ["ada"]
    pod = lab.kubectl(
        "exec", "-n", "notebooks", "server-ada", "--", "sh", "-c", "id -u; touch /x || true"
    )
    assert pod.split()[0] == "65532"
    keep = "echo kept > $HOME/kept.txt"
    lab.kubectl("exec", "-n", "notebooks", "server-ada", "--", "sh", "-c", keep)


def test_an_idle_server_is_stopped_and_the_next_one_has_the_users_files(
    lab: Lab, context: BrowserContext
) -> None:
    until("the idle server was not stopped", lambda: servers(lab) == [], IDLE_S + 240)
    page = logged_in(lab, context, "ada")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{URL}/user/ada/lab**")
    kept = lab.kubectl(
        "exec", "-n", "notebooks", "server-ada", "--", "cat", "/home/analyst/kept.txt"
    )
    assert kept == "kept\n"


def test_a_profile_of_another_group_is_neither_offered_nor_given(
    lab: Lab, context: BrowserContext
) -> None:
    page = logged_in(lab, context, "bob")
    page.get_by_text("Small").wait_for()
    assert not page.get_by_text("Large").is_visible()
    page.goto(f"{URL}/hub/spawn?profile=large")
    assert "server-bob" not in lab.kubectl("get", "pods", "-n", "notebooks")


def test_a_wrong_password_opens_nothing(lab: Lab, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{URL}/hub/spawn")
    page.get_by_role("button", name="Sign in").click()
    page.fill("input[name=login]", "ada")
    page.keyboard.press("Enter")
    page.fill("input[name=password]", "not-the-password")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.url.startswith(f"http://login.ssl.localhost:{PORT}/")


def test_the_checks_token_opens_no_other_users_server(lab: Lab) -> None:
    token = lab.sslab("secrets", "show", "local", "notebooks-check-password").stdout.strip()
    client = httpx.Client(
        transport=Loopback(), base_url=URL, headers={"Authorization": f"token {token}"}
    )
    assert client.get("/hub/api/users/ssl-check").status_code == 200
    assert client.get("/hub/api/users").status_code == 403
    assert client.post("/hub/api/users/bob/server").status_code in (403, 404)


def test_the_hub_may_do_nothing_outside_its_namespace(lab: Lab) -> None:
    account = "--as=system:serviceaccount:notebooks:notebooks"
    for words, expected in (
        (("create", "pods", "-n", "notebooks"), "yes"),
        (("delete", "persistentvolumeclaims", "-n", "notebooks"), "no"),
        (("get", "secrets", "-n", "notebooks"), "no"),
        (("create", "pods", "-n", "default"), "no"),
    ):
        assert lab.kubectl("auth", "can-i", *words, account, codes=(0, 1)).strip() == expected


def test_down_leaves_nothing(lab: Lab) -> None:
    where = Path(lab.home)
    down = lab.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(lab.state) == []
    assert not where.exists()
