import pytest

from patterns.z_peak.workload.z_peak.errors import JobError
from patterns.z_peak.workload.z_peak.fit import PeakFit, Spectrum, fit_peak, mass_spectrum
from patterns.z_peak.workload.z_peak.generate import generate
from patterns.z_peak.workload.z_peak.kinematics import MuonPairs
from patterns.z_peak.workload.z_peak.reference import (
    DEFAULT_BACKGROUND_EVENTS,
    DEFAULT_SEED,
    DEFAULT_SIGNAL_EVENTS,
)
from patterns.z_peak.workload.z_peak.settings import Settings


class MemoryStore:
    """Object storage in a dictionary, with the order in which things happened."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.events: list[tuple[str, str]] = []

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.objects[key] = data
        self.types[key] = content_type
        self.events.append(("put", key))

    def get(self, key: str) -> bytes:
        self.events.append(("get", key))
        if key not in self.objects:
            raise JobError(f"no {key}")
        return self.objects[key]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
        self.events.append(("delete", key))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(scope="session")
def small() -> Settings:
    """A run that takes a moment and still has a valid fit."""
    return Settings(bucket="z-peak", seed=7, signal_events=20_000, background_events=2_000)


@pytest.fixture(scope="session")
def default_pairs() -> MuonPairs:
    return generate(DEFAULT_SEED, DEFAULT_SIGNAL_EVENTS, DEFAULT_BACKGROUND_EVENTS)


@pytest.fixture(scope="session")
def default_spectrum(default_pairs: MuonPairs) -> Spectrum:
    return mass_spectrum(default_pairs)


@pytest.fixture(scope="session")
def default_fit(default_spectrum: Spectrum) -> PeakFit:
    return fit_peak(default_spectrum)
