"""Bad workspaces: each is refused with its place."""

from collections.abc import Callable
from typing import Any

import pytest

from patterns.fitting_service.workload.fitting_service.workspace import (
    RefusedError,
    check_workspace,
)
from tests.unit.patterns.fitting_service.fakes import counting, two_bins

# pyhf's own use of jsonschema.
pytestmark = [pytest.mark.volume, pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")]

SIGNAL = "channels[0].samples[0]"
BACKGROUND = "channels[0].samples[1]"


def _sample(workspace: dict[str, Any], index: int) -> dict[str, Any]:
    sample: dict[str, Any] = workspace["channels"][0]["samples"][index]
    return sample


def _add(kind: str, data: object) -> Callable[[dict[str, Any]], object]:
    modifier = {"name": "added", "type": kind, "data": data}
    return lambda workspace: _sample(workspace, 1)["modifiers"].append(modifier)


CASES: list[tuple[Callable[[dict[str, Any]], object], str, str | None]] = [
    (lambda w: w.update(channels=[]), "non-empty", "channels"),
    (lambda w: _sample(w, 0).update(data=[]), "non-empty", f"{SIGNAL}.data"),
    (lambda w: w.pop("version"), "'version' is a required property", None),
    (lambda w: w.update(version="2.0.0"), "'1.0.0' was expected", "version"),
    (lambda w: w.update(mu=1), "'mu' was unexpected", None),
    (lambda w: _sample(w, 0).update(data=[1.0, "x"]), "'x' is not of type 'number'",
     f"{SIGNAL}.data[1]"),
    (lambda w: _sample(w, 1)["modifiers"][0].update(type="shapesis"),
     "must be one of histosys, lumi, normfactor", f"{BACKGROUND}.modifiers[0]"),
    (lambda w: _sample(w, 1)["modifiers"][0].update(data=[1.0, "x"]),
     "'x' is not of type 'number'", f"{BACKGROUND}.modifiers[0].data[1]"),
    (lambda w: _sample(w, 1)["modifiers"][0].pop("type"), "name, a type and data",
     f"{BACKGROUND}.modifiers[0]"),
    (lambda w: _sample(w, 1).update(modifiers=[3]), "not valid", f"{BACKGROUND}.modifiers[0]"),
    (lambda w: _sample(w, 1)["modifiers"][0].update(data=[1.0]), "1 bins where the sample has 2",
     f"{BACKGROUND}.modifiers[0].data"),
    (lambda w: _sample(w, 1)["modifiers"][0].update(data=[1.0, -1.0]),
     "An uncertainty cannot be negative", f"{BACKGROUND}.modifiers[0].data[1]"),
    (_add("staterror", [1.0]), "1 bins where", f"{BACKGROUND}.modifiers[1].data"),
    (_add("histosys", {"hi_data": [1.0, 2.0], "lo_data": [1.0]}), "1 bins where",
     f"{BACKGROUND}.modifiers[1].data.lo_data"),
    (_add("normsys", {"hi": 1.1, "lo": 0.0}), "must be positive",
     f"{BACKGROUND}.modifiers[1].data.lo"),
    (lambda w: _sample(w, 1).update(data=[1.0]), "1 bins where", f"{BACKGROUND}.data"),
    (lambda w: _sample(w, 1).update(data=[-60.0, 1.0]), "expect -48 events in bin 0",
     "channels[0].samples"),
    (lambda w: _sample(w, 1).update(name="signal"), "used twice", f"{BACKGROUND}.name"),
    (lambda w: w["channels"].append(w["channels"][0]), "used twice", "channels[1].name"),
    (lambda w: w["observations"][0].update(data=[51.0, -48.0]), "event count cannot be negative",
     "observations[0].data[1]"),
    (lambda w: w["observations"][0].update(data=[51.0]), "1 bins where the channel has 2",
     "observations[0].data"),
    (lambda w: w["observations"][0].update(name="other"), 'No channel is called "other"',
     "observations[0].name"),
    (lambda w: w["observations"].append(w["observations"][0]), "used twice",
     "observations[1].name"),
    (lambda w: w["measurements"][0]["config"].update(parameters=[{"name": "mu", "bounds": [[1]]}]),
     "pair of numbers", "measurements[0].config.parameters[0].bounds[0]"),
    (lambda w: w["measurements"].append({"name": "B", "config": {"poi": "mu", "parameters": []}}),
     '2 measurements: choose one with the query parameter measurement, one of "Measurement", "B"',
     "measurements"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "says", "path"), CASES)
def test_a_bad_workspace_is_refused_with_its_place(
    spoil: Callable[[dict[str, Any]], object], says: str, path: str | None
) -> None:
    workspace = two_bins()
    spoil(workspace)
    with pytest.raises(RefusedError) as caught:
        check_workspace(workspace, None)
    refused = caught.value.refused
    assert says in refused.message
    assert (refused.code, refused.path) == ("invalid_workspace", path)


def test_an_unobserved_channel_is_refused() -> None:
    workspace = two_bins()
    workspace["channels"].append({**workspace["channels"][0], "name": "second"})
    with pytest.raises(RefusedError, match='The channel "second" has no observation'):
        check_workspace(workspace, None)


def test_an_unknown_measurement_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RefusedError, match='"x" is not in the workspace, which has "Measurement"'):
        check_workspace(two_bins(), "x")


def test_negative_yields_of_one_sample_are_allowed() -> None:
    """Simulations with negative weights and interference have them; only the sum must not be."""
    workspace = two_bins()
    _sample(workspace, 0)["data"] = [-3.0, 11.0]
    assert check_workspace(workspace, None) == "Measurement"


def _wide(bins: int) -> dict[str, Any]:
    workspace = counting()
    for sample in workspace["channels"][0]["samples"]:
        sample["data"] *= bins
    workspace["observations"][0]["data"] *= bins
    return workspace


def test_too_many_bins_parameters_or_cells_are_refused() -> None:
    norms = [
        {"name": f"n{i}", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}} for i in range(1001)
    ]
    many_parameters, many_cells = counting(), _wide(2000)
    _sample(many_parameters, 1)["modifiers"] = norms
    _sample(many_cells, 1)["modifiers"] = norms[:200]
    cases = [
        (_wide(5001), "5001 bins; this service takes at most 5000"),
        (many_parameters, "1002 parameters; this service takes at most 1000"),
        (many_cells, "804000 samples x modifiers x bins; this service takes at most 500000"),
    ]
    for workspace, says in cases:
        with pytest.raises(RefusedError, match=says) as caught:
            check_workspace(workspace, None)
        assert caught.value.refused.code == "too_complex"


def test_parameters_in_every_bin_are_counted() -> None:
    workspace = _wide(600)
    _sample(workspace, 1)["modifiers"] = [
        {"name": name, "type": "shapesys", "data": [1.0] * 600} for name in ("a", "b")
    ]
    with pytest.raises(RefusedError, match="1201 parameters"):
        check_workspace(workspace, None)
