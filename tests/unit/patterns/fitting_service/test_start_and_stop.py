"""The program as the pod runs it: not ready without its bucket, gone after SIGTERM."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.unit.patterns.fitting_service.conftest import wait_until
from tests.unit.patterns.ports import free_port

pytestmark = pytest.mark.volume

WORKLOAD = Path(__file__).resolve().parents[4] / "patterns/fitting_service/workload"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_it_is_alive_but_not_ready_without_storage_and_ends_cleanly() -> None:
    port = free_port()
    environment = {
        "PYTHONPATH": str(WORKLOAD), "PORT": str(port), "HOST": "127.0.0.1", "FIT_WORKERS": "1",
        "S3_BUCKET": "fits", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hidden-secret",
        "AWS_DEFAULT_REGION": "us-east-1", "PATH": os.environ["PATH"],
    }  # fmt: skip
    program = subprocess.Popen(
        [sys.executable, "-m", "fitting_service"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{base}/healthz"))
        ready = httpx.get(f"{base}/readyz", timeout=60.0)
        assert ready.status_code == 503
        assert ready.json()["bucket"] == "not reached"
        wait_until(lambda: httpx.get(f"{base}/readyz").json()["workers"] == "1 of 1 warm")
    finally:
        program.send_signal(signal.SIGTERM)
        output, _ = program.communicate(timeout=60)
    # uvicorn hands the signal on once everything is closed.
    assert program.returncode in (0, -signal.SIGTERM)
    assert "Application shutdown complete" in output
    assert "Traceback" not in output
    assert "hidden-secret" not in output
    wait_until(lambda: _session_is_empty(program.pid))


def _session_is_empty(session: int) -> bool:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            return False
    return True
