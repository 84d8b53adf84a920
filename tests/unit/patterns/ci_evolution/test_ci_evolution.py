"""Two revisions: their numbers by a second way, their correlated error, and no silent change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.ci_evolution import reference
from patterns.ci_evolution.workload.ci_evolution import (
    comparison,
    evolution,
    revision_1,
    revision_2,
)
from patterns.ci_evolution.workload.ci_evolution.events import Events, generate
from tests.unit.patterns.ci_evolution import independent
from tests.unit.patterns.memory_store import MemoryStore, silent

pytestmark = pytest.mark.volume

DEFAULTS = {"SEED": "20190622", "EVENTS": "50000"}
CHANGES = tuple(revision_2.CHANGELOG)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    store = MemoryStore()
    evolution.run(Environment(DEFAULTS), store, silent)
    return store


def test_the_reference_is_what_the_integrals_give() -> None:
    estimate = independent.estimate
    told = {name: known.value for name, known in reference.NUMBERS.items()}
    first, second = estimate(()), estimate(CHANGES)
    integrals = {
        "mass, revision 1 (GeV)": first,
        "mass, revision 2 (GeV)": second,
        "difference (GeV)": second - first,
    }
    for index, name in enumerate(CHANGES):
        step = estimate(CHANGES[: index + 1]) - estimate(CHANGES[:index])
        integrals[f"step {name} (GeV)"] = step
        integrals[f"alone {name} (GeV)"] = estimate((name,)) - first
    assert told == pytest.approx(integrals, abs=1e-6)


def test_the_errors_and_the_correlation_are_what_one_events_influence_gives() -> None:
    (first, both), (_, second) = independent.covariance((), CHANGES)
    told = {name: known.error for name, known in reference.NUMBERS.items()}
    # the grid's cells are 0.02 GeV wide, and the estimates jump at the edges of windows
    close = 1e-3
    assert told["mass, revision 1 (GeV)"] == pytest.approx(math.sqrt(first), rel=close)
    assert told["mass, revision 2 (GeV)"] == pytest.approx(math.sqrt(second), rel=close)
    difference = math.sqrt(first + second - 2 * both)
    assert told["difference (GeV)"] == pytest.approx(difference, rel=close)
    assert pytest.approx(both / math.sqrt(first * second), rel=close) == reference.CORRELATION


def test_the_default_sample_passes_and_so_do_others(store: MemoryStore) -> None:
    found = store.outcome()["values"]
    others = (evolution.values(comparison.compare(generate(s, 20_000), s)) for s in (1, 2))
    for values, events in ((found, 50_000), *((each, 20_000) for each in others)):
        known = reference.expected(events)
        assert set(known) == set(values)
        for name, each in known.items():
            assert abs(values[name] - each.value) <= each.tolerance, name


def test_the_same_events_make_the_difference_better_known(store: MemoryStore) -> None:
    found = store.outcome()["values"]
    assert found["difference error (GeV)"] < 0.5 * found["error if independent (GeV)"]


def test_the_bootstrap_is_the_scatter_of_samples() -> None:
    """The difference in 100 samples of their own scatters as the bootstrap of one says."""
    differences = []
    for seed in range(100):
        events = generate(seed, 5_000)
        second, first = revision_2.measure(events), revision_1.measure(events)
        differences.append(second.estimate() - first.estimate())
    told = comparison.compare(generate(7, 5_000), 7).errors["difference"]
    # 100 samples know their scatter to 7 percent, 400 bootstrap samples to 3.5: 4 of both together
    assert np.std(differences, ddof=1) == pytest.approx(told, rel=4 * math.hypot(0.071, 0.035))


def test_a_change_that_the_changelog_does_not_have_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(revision_2, "WINDOW_GEV", (81.0, 101.1))
    with pytest.raises(AnalysisError, match=r"differs from revision 1 in \d+ events, .*CHANGELOG"):
        comparison.compare(generate(7, 50_000), 7)


def test_a_change_that_does_nothing_is_found(store: MemoryStore) -> None:
    found = store.outcome()["values"]
    wrong = found["mass, revision 1 (GeV)"]  # as if no change had been made
    known = reference.expected(50_000)["mass, revision 2 (GeV)"]
    assert abs(wrong - known.value) > known.tolerance


def test_each_selection_by_hand() -> None:
    mass = np.array([81.0, 101.0, 91.0, 91.0, 75.0, 105.0])
    pt = np.array([24.9, 24.9, 19.9, 20.0, 30.0, 30.0])
    events = Events(mass=mass, pt=pt)
    assert revision_1.measure(events).estimate() == (81.0 + 91.0) / 2
    threshold = revision_2.measure(events, ("threshold",))
    assert threshold.denominator.sum() == 0
    background = revision_2.measure(events, ("background",))
    assert background.denominator.tolist() == [1, -1, 0, 1, -1, -1]
    corrected = revision_2.measure(events, ("energy loss",))
    assert corrected.denominator.tolist() == [1, 0, 1, 1, 0, 0]  # 19.9 is 20.1 in truth
    assert corrected.numerator[3] == pytest.approx(91.0 * 20.2 / 20.0, rel=1e-12)


def test_the_report_names_every_change_with_its_reason(store: MemoryStore) -> None:
    text = store.objects["report.md"].decode()
    for name, why in revision_2.CHANGELOG.items():
        (line,) = [each for each in text.splitlines() if each.startswith(f"| {name} |")]
        assert why in line
    values = store.outcome()["values"]
    assert f"difference: {values['difference (GeV)']:.4f} +- " in text
    assert text.endswith("Most of it comes from the change `energy loss`.\n")


def test_the_outcome_tells_which_code_the_numbers_are_of(store: MemoryStore) -> None:
    told = store.outcome()["parameters"]
    assert len(told["revision 1"]) == len(told["revision 2"]) == 64
    assert told["revision 1"] != told["revision 2"]
    keys = [key for verb, key in store.calls if verb == "put"]
    assert keys == ["report.md", "outcome.json"]


def test_the_same_seed_gives_the_same_numbers(store: MemoryStore) -> None:
    again = MemoryStore()
    evolution.run(Environment(DEFAULTS), again, silent)
    assert again.outcome()["values"] == store.outcome()["values"]
    assert again.objects["report.md"] == store.objects["report.md"]


@pytest.mark.parametrize(
    ("name", "text"), [("SEED", "-1"), ("EVENTS", "4999"), ("EVENTS", "many"), ("EVENTS", "")]
)
def test_a_wrong_setting_leaves_no_outcome(name: str, text: str) -> None:
    store = MemoryStore()
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=f"^{name}"):
        evolution.run(Environment({**DEFAULTS, name: text}), store, silent)
    assert store.objects == {}
