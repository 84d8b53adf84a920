"""Signal, limit and reference numbers against the second implementation."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from ssl_analysis.errors import AnalysisError

from patterns.reinterpretation import reference
from patterns.reinterpretation.workload.reinterpretation import checkpoints, signal, step
from patterns.reinterpretation.workload.reinterpretation.limit import limit
from patterns.reinterpretation.workload.reinterpretation.preserved import patch, search
from tests.unit.patterns.memory_store import MemoryStore
from tests.unit.patterns.reinterpretation.independent import Likelihood, selected_share

pytestmark = pytest.mark.volume

DEFAULT = reference.DEFAULT


def signal_of(seed: int, events: int, mass: float, cross_section: float) -> dict[str, Any]:
    """Return what the first three stages make."""
    histograms = []
    for chunk in range(4):
        told = {"seed": seed, "chunk": chunk, "events": events // 4, "mass": mass}
        histograms.append(step.select(told, [step.generate(told, [])]))
    found: dict[str, Any] = json.loads(
        step.make_patch({"cross_section": cross_section}, histograms)
    )
    return found


@pytest.fixture(scope="module")
def default() -> dict[str, Any]:
    return signal_of(20190622, 80_000, 300.0, 0.6)


def events_of(found: dict[str, Any]) -> list[float]:
    (operation,) = found["patch"]
    data: list[float] = operation["value"]["data"]
    return data


def test_the_known_numbers_of_the_default_are_the_second_implementations(
    default: dict[str, Any],
) -> None:
    found = Likelihood(search().workspace, events_of(default)).limits()
    known = {name: each.value for name, each in reference.OF_THE_DEFAULT.items()}
    assert known.pop("selected share") == sum(default["selected"]) / default["generated"]
    assert list(known.values()) == pytest.approx(
        [found.observed, found.expected, found.cls_observed, found.cls_expected], rel=5e-6
    )


@pytest.mark.parametrize("mass", sorted(reference.INTEGRATED))
def test_the_known_limits_by_mass_are_those_of_the_integrated_signal(mass: int) -> None:
    of = search()
    shares = selected_share(mass, of.bins_gev)
    found = Likelihood(of.workspace, list(shares * of.luminosity_fb)).limits()
    assert reference.INTEGRATED[mass] == pytest.approx(
        (found.observed, found.expected, shares.sum()), abs=1e-6
    )


@pytest.mark.volume
def test_pyhf_finds_what_the_second_implementation_finds(default: dict[str, Any]) -> None:
    found = limit(search(), default["patch"])
    known = reference.OF_THE_DEFAULT
    for name, value in (
        ("signal strength limit", found.observed),
        ("expected signal strength limit", found.expected[2]),
        ("CLs", found.cls_observed),
        ("expected CLs", found.cls_expected),
    ):
        assert abs(value - known[name].value) < known[name].tolerance / 2, name
    assert list(found.expected) == sorted(found.expected)


def test_what_is_generated_and_selected_is_what_the_integral_says() -> None:
    """A million collisions; seven bins, of which the largest deviation is looked at."""
    found = signal_of(7, 1_000_000, 340.0, 1.0)
    shares = selected_share(340.0, search().bins_gev)
    expected = shares * 1_000_000
    wide = expected > 50
    pulls = (np.array(found["selected"]) - expected)[wide] / np.sqrt(expected * (1 - shares))[wide]
    assert np.abs(pulls).max() < 4
    # as many in the others, within what Poisson allows
    assert sum(np.array(found["selected"])[~wide]) < 25


def test_chunks_differ_and_the_same_chunk_is_the_same() -> None:
    first, again, second, seeded = (
        signal.generate(seed, chunk, 1000, 300.0).packed()
        for seed, chunk in ((1, 0), (1, 0), (1, 1), (2, 0))
    )
    assert first == again
    assert len({first, second, seeded}) == 3


def test_the_signal_scales_with_the_cross_section(default: dict[str, Any]) -> None:
    twice = signal_of(20190622, 80_000, 300.0, 1.2)
    assert np.array(events_of(twice)) == pytest.approx(2 * np.array(events_of(default)))
    assert twice["selected"] == default["selected"]


def test_a_model_that_the_search_cannot_see_is_refused() -> None:
    nothing = json.dumps({"generated": 10, "selected": [0] * 7}).encode()
    with pytest.raises(AnalysisError, match="finds none of 10 collisions"):
        step.make_patch({"cross_section": 1.0}, [nothing])


@pytest.mark.volume
def test_a_signal_too_weak_to_exclude_is_no_result() -> None:
    of = search()
    with pytest.raises(AnalysisError, match="no strength of the signal up to 10 is excluded"):
        limit(of, patch(of, np.full(7, 1e-3)))


def test_a_step_that_was_done_is_not_done_again() -> None:
    store = MemoryStore()
    told = {"seed": 1, "chunk": 0, "events": 1000, "mass": 300.0}
    first, earlier = step.perform("generate", told, [], store, "v1")
    assert not earlier
    again, earlier = step.perform("generate", told, [], store, "v1")
    assert earlier
    assert again == first
    assert [call for call, _ in store.calls] == ["put"]
    # of other parameters, inputs or code it is another output
    others = [
        step.perform("generate", {**told, "seed": 2}, [], store, "v1"),
        step.perform("generate", told, [], store, "v2"),
        step.perform("select", told, [first], store, "v1"),
    ]
    assert not any(earlier for _, earlier in others)
    checkpoints.drop_others(store, "v2")
    assert [key.split("/")[1] for key in store.keys("steps/")] == ["v2"]


def test_other_settings_are_expected_near_the_integral() -> None:
    known = reference.expected({**DEFAULT, "seed": 1, "events": 20_000, "mass (GeV)": 420})
    assert set(known) == {
        "cross section limit (fb)",
        "expected cross section limit (fb)",
        "selected share",
    }
    assert known["cross section limit (fb)"].value == 0.172751
    assert known["cross section limit (fb)"].tolerance == pytest.approx(0.0065, abs=1e-4)


@pytest.mark.volume
@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_are_within_what_is_said_of_them(seed: int) -> None:
    parameters = {"seed": seed, "events": 20_000, "mass (GeV)": 380, "cross section (fb)": 1.0}
    known = reference.expected(parameters)
    found = signal_of(seed, 20_000, 380.0, 1.0)
    limits = Likelihood(search().workspace, events_of(found)).limits()
    assert abs(limits.observed - known["cross section limit (fb)"].value) < (
        known["cross section limit (fb)"].tolerance
    )
