"""A laboratory that is stopped and started over and over stays what it was."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Lab, host_footprint

pytestmark = [pytest.mark.e2e, pytest.mark.long]
ROUNDS = 10
WORKSPACE = "patterns/fitting_service/two_bin_workspace.json"


def test_many_stops_and_starts_lose_nothing_and_leave_nothing(lab: Lab) -> None:
    body = json.loads((lab.clone / WORKSPACE).read_text())
    kept = lab.request("fitting-service", "POST", "/v1/fits", body).json()
    for _ in range(ROUNDS):
        stopped = lab.sslab("cluster", "stop", "local")
        assert stopped.returncode == 0, stopped.stderr
        assert host_footprint() == lab.before
        started = lab.sslab("cluster", "start", "local")
        assert started.returncode == 0, started.stderr
        lab.answers(within_s=120)
        again = lab.request("fitting-service", "GET", f"/v1/fits/{kept['id']}")
        assert again.json()["cls_obs"] == kept["cls_obs"]
    done = lab.sslab("check", "local")
    assert done.returncode == 0, done.stdout + done.stderr
    unchanged = lab.pulumi_up("--refresh", "--expect-no-changes")
    assert unchanged.returncode == 0, unchanged.stdout + unchanged.stderr
