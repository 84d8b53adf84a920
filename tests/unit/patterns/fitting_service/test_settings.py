"""Settings from the environment, and the cores that a container may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from patterns.fitting_service.workload.fitting_service.cores import usable_cores
from patterns.fitting_service.workload.fitting_service.settings import (
    SettingsError,
    read_settings,
)

pytestmark = pytest.mark.volume

WORKLOAD = Path(__file__).resolve().parents[4] / "patterns/fitting_service/workload"
VISIBLE = len(os.sched_getaffinity(0))


def test_defaults() -> None:
    settings = read_settings({"S3_BUCKET": "fits"})
    assert settings.bucket == "fits"
    assert settings.workers == usable_cores()
    assert (settings.fit_timeout_s, settings.max_body_bytes) == (60.0, 1_048_576)
    assert (settings.queue_limit, settings.port) == (32, 8080)


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "S3_BUCKET": "b", "FIT_WORKERS": "7", "FIT_TIMEOUT_S": "2.5", "FIT_MEMORY_MIB": "64",
            "MAX_BODY_BYTES": "10", "QUEUE_LIMIT": "3", "HOST": "127.0.0.1", "PORT": "81",
        }
    )  # fmt: skip
    assert (settings.workers, settings.fit_timeout_s, settings.fit_memory_mib) == (7, 2.5, 64)
    assert (settings.max_body_bytes, settings.queue_limit) == (10, 3)
    assert (settings.host, settings.port) == ("127.0.0.1", 81)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S3_BUCKET", ""),
        ("FIT_WORKERS", "0"),
        ("FIT_WORKERS", "two"),
        ("FIT_TIMEOUT_S", "nan"),
        ("FIT_TIMEOUT_S", "soon"),
        ("MAX_BODY_BYTES", "1e6"),
        ("PORT", "65536"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({"S3_BUCKET": "fits", name: value})


def test_wrong_settings_end_the_program_with_one_line() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "fitting_service"],
        env={"PYTHONPATH": str(WORKLOAD), "FIT_WORKERS": "-1", "S3_BUCKET": "fits"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 2
    assert finished.stderr == (
        'fitting-service: FIT_WORKERS is "-1": give a whole number from 1 to 256\n'
    )


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", VISIBLE), ("100000 100000", 1), ("50000 100000", 1), ("damaged", VISIBLE),
     ("150000 100000", min(VISIBLE, 2))],
)  # fmt: skip
def test_cores_of_cgroup_v2(tmp_path: Path, quota: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(quota + "\n")
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize(("quota", "cores"), [(-1, VISIBLE), (100_000, 1), (10**9, VISIBLE)])
def test_cores_of_cgroup_v1(tmp_path: Path, quota: int, cores: int) -> None:
    folder = tmp_path / "cpu"
    folder.mkdir()
    (folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == cores


def test_cores_without_a_cgroup(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == VISIBLE
