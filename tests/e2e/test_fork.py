"""From a fork to a running laboratory, as docs/fork.md tells it; the cluster is an embedded one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import host_footprint, processes_of
from tests.unit.fork.conftest import git
from tests.unit.fork.page import Reader, sections

pytestmark = [pytest.mark.e2e, pytest.mark.alone]  # it looks at the whole machine

PORT = 18370


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Somebody with a clone of the published upstream; the laboratory goes at the end."""
    made = Reader(tmp_path)
    made.publish()
    before = host_footprint()
    try:
        yield made
        made.follow(".venv/bin/sslab destroy mycampus --yes")
        assert host_footprint() == before
        assert processes_of(tmp_path) == []
    finally:
        subprocess.run(
            [made.clone / ".venv/bin/sslab", "destroy", "mycampus", "--yes"],
            cwd=made.clone if made.clone.exists() else tmp_path, env=made.environment(),
            capture_output=True, check=False, timeout=300,
        )  # fmt: skip


def test_a_newcomer_gets_from_the_fork_to_a_running_laboratory(reader: Reader) -> None:
    make, describe, bring_up, _ = sections().values()
    for command in make:
        reader.follow(command)
    reader.describe(PORT)
    for command in describe:
        reader.follow(command)
    up, check = bring_up
    # an embedded cluster is deployed to without a question
    assert "Take it all away     .venv/bin/sslab destroy mycampus" in reader.follow(up)
    assert "fitting-service" in reader.follow(check)
    answer = httpx.get(
        f"http://127.0.0.1:{PORT}/readyz",
        headers={"Host": f"fitting-service.mycampus.localhost:{PORT}"}, timeout=60, trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 200
    # the credentials that `up` made are the only thing that is to be committed
    assert git(reader.clone, "status", "--porcelain").split() == ["??", "stacks/"]
