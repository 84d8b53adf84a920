"""The whole job with storage in memory: what it stores, in which order, and what it refuses."""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from matplotlib import image

from patterns.z_peak.workload.z_peak.errors import JobError
from patterns.z_peak.workload.z_peak.job import run
from patterns.z_peak.workload.z_peak.reference import PLOT_KEY, RESULT_KEY
from patterns.z_peak.workload.z_peak.rootfile import content_sha256, from_root
from patterns.z_peak.workload.z_peak.settings import Settings
from tests.unit.patterns.z_peak.conftest import MemoryStore

pytestmark = pytest.mark.volume

SAMPLE_KEY = "samples/dimuon-seed7-s20000-b2000.root"


def silent(line: str) -> None:
    """Stand in for the progress lines."""


@dataclass
class Finished:
    """A run that has ended well; tests only look at it."""

    store: MemoryStore
    result: dict[str, Any]
    lines: list[str]


@pytest.fixture(scope="module")
def finished(small: Settings) -> Finished:
    store, lines = MemoryStore(), list[str]()
    return Finished(store, run(small, store, lines.append), lines)


def test_the_result_has_the_measurement_and_where_it_comes_from(finished: Finished) -> None:
    result = json.loads(finished.store.objects[RESULT_KEY])
    assert result == finished.result
    assert result["valid"] is True
    assert result["generated_m_z"] == 91.1876
    assert abs(result["m_z"] - 91.1876) < 3 * result["m_z_error"]
    assert result["pull"] == pytest.approx((result["m_z"] - 91.1876) / result["m_z_error"])
    assert result["seed"] == 7
    assert (result["signal_events"], result["background_events"]) == (20_000, 2_000)
    assert result["n_events"] < result["opposite_sign_events"] < 22_000
    # A fit by maximum likelihood meets the number of events exactly.
    assert result["signal"] + result["background"] == pytest.approx(result["n_events"], abs=1)
    assert result["ndf"] == 75
    assert set(result["versions"]) == {
        *("python", "numpy", "scipy", "uproot", "iminuit", "matplotlib", "boto3")
    }
    assert 0 < result["duration_s"] < 60


def test_the_result_names_the_sample_by_its_checksums(finished: Finished) -> None:
    data = finished.store.objects[SAMPLE_KEY]
    assert finished.result["sample"] == {
        "key": SAMPLE_KEY,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "content_sha256": content_sha256(from_root(data)),
    }


def test_the_sample_is_read_from_the_store_and_the_result_written_last(finished: Finished) -> None:
    assert finished.store.events == [
        ("delete", RESULT_KEY),
        ("put", SAMPLE_KEY),
        ("get", SAMPLE_KEY),
        ("put", PLOT_KEY),
        ("put", RESULT_KEY),
    ]
    assert finished.store.types[PLOT_KEY] == "image/png"
    assert finished.store.types[RESULT_KEY] == "application/json"


def test_a_repeat_gives_the_same_numbers_under_the_same_keys(
    finished: Finished, store: MemoryStore, small: Settings
) -> None:
    store.objects = dict(finished.store.objects)
    again = run(small, store, silent)
    assert set(store.objects) == set(finished.store.objects)
    assert store.objects[PLOT_KEY] == finished.store.objects[PLOT_KEY]
    assert without_times(again) == without_times(finished.result)


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    """Drop what tells the time: the duration, and the date inside the ROOT file."""
    sample = {name: value for name, value in result["sample"].items() if name != "sha256"}
    return {**{k: v for k, v in result.items() if k != "duration_s"}, "sample": sample}


def test_the_plot_is_an_image_with_data_fit_and_pulls(finished: Finished) -> None:
    data = finished.store.objects[PLOT_KEY]
    assert 30_000 < len(data) < 500_000
    pixels = image.imread(io.BytesIO(data), format="png")
    assert pixels.shape[:2] == (1200, 1350)
    colours = (pixels[..., :3] * 255).round().astype(int)
    for name, colour in [
        ("fit", (0xC1, 0x27, 0x2D)),
        ("signal and pulls", (0x00, 0x62, 0xA8)),
        ("background", (0x6B, 0x6B, 0x6B)),
        ("data and axes", (0, 0, 0)),
        ("band of one standard deviation", (209, 209, 209)),
    ]:
        assert (colours == colour).all(axis=-1).sum() > 300, name
    background = (colours == 255).all(axis=-1).mean()
    assert 0.5 < background < 0.98


def test_progress_tells_each_step_and_the_mass(finished: Finished) -> None:
    result, lines = finished.result, finished.lines
    assert lines[0] == "generated 22000 muon pairs with seed 7"
    assert any(
        line.startswith(f"m_Z = {result['m_z']:.4f} +- {result['m_z_error']:.4f} GeV")
        for line in lines
    )
    assert lines[-1] == f"stored {RESULT_KEY}"


class DamagingStore(MemoryStore):
    """Flips one bit of everything that is read."""

    def get(self, key: str) -> bytes:
        data = bytearray(super().get(key))
        data[len(data) // 2] ^= 1
        return bytes(data)


def test_a_sample_that_comes_back_changed_is_refused(small: Settings) -> None:
    store = DamagingStore()
    with pytest.raises(JobError, match=rf"{SAMPLE_KEY} came back changed: SHA-256 [0-9a-f]{{64}}"):
        run(small, store, silent)
    assert RESULT_KEY not in store.objects


def test_a_failed_run_leaves_no_result_of_an_earlier_one(
    finished: Finished, store: MemoryStore
) -> None:
    store.objects = dict(finished.store.objects)
    no_peak = Settings(bucket="z-peak", seed=7, signal_events=1, background_events=5_000)
    with pytest.raises(JobError, match=r"the fit is not valid: .*there is no peak.*1 signal"):
        run(no_peak, store, silent)
    assert RESULT_KEY not in store.objects


def test_numbers_in_the_result_are_finite(finished: Finished) -> None:
    numbers = [value for value in finished.result.values() if isinstance(value, float)]
    assert len(numbers) > 10
    assert np.isfinite(numbers).all()
