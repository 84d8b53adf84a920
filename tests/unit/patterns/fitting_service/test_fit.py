"""The numbers: against pyhf's published ones, closed forms and pyhf's other search."""

import gc

import pyhf
import pytest

from patterns.fitting_service.workload.fitting_service.fit import answer, fit
from patterns.fitting_service.workload.fitting_service.outcome import Fitted, Refused
from tests.unit.patterns.fitting_service.closed_form import CountingExperiment
from tests.unit.patterns.fitting_service.fakes import counting, question, two_bins

# pyhf's own use of jsonschema; and a hopeless fit, which divides by zero on purpose.
pytestmark = [
    pytest.mark.volume,
    pytest.mark.filterwarnings(
        "ignore:jsonschema.RefResolver", "ignore:invalid value:RuntimeWarning"
    ),
]

PUBLISHED_OBS = 0.05251497
PUBLISHED_EXP = (0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621)


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """The two-bin example, fitted once for the tests that look at it."""
    return fit(two_bins(), mu=1.0, measurement=None)


def test_published_numbers_of_the_two_bin_example(fitted: Fitted) -> None:
    assert fitted.cls_obs == pytest.approx(PUBLISHED_OBS, abs=1e-6)
    assert fitted.cls_exp == pytest.approx(PUBLISHED_EXP, abs=1e-6)
    assert (fitted.measurement, fitted.poi, fitted.notes) == ("Measurement", "mu", ())


def test_the_limits_are_where_cls_is_five_percent(fitted: Fitted) -> None:
    model = pyhf.simplemodels.uncorrelated_background(
        signal=[12.0, 11.0], bkg=[50.0, 52.0], bkg_uncertainty=[3.0, 7.0]
    )
    data = [51.0, 48.0, *model.config.auxdata]
    assert fitted.limit_obs is not None
    assert pyhf.infer.hypotest(fitted.limit_obs, data, model) == pytest.approx(0.05, abs=1e-4)
    for index, limit in enumerate(fitted.limit_exp):
        _, band = pyhf.infer.hypotest(limit, data, model, return_expected_set=True)
        assert band[index] == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    "experiment",
    [
        CountingExperiment(signal=10.0, background=50.0, events=55.0),
        CountingExperiment(signal=10.0, background=50.0, events=41.0),
        CountingExperiment(signal=0.3, background=50.0, events=48.0),  # limits beyond 10
        CountingExperiment(signal=20_000.0, background=50.0, events=60.0),  # and far below 1
    ],
)
def test_a_counting_experiment_agrees_with_its_closed_form(experiment: CountingExperiment) -> None:
    workspace = counting(experiment.signal, experiment.background, experiment.events)
    mu = 10.0 / experiment.signal
    fitted = fit(workspace, mu=mu, measurement=None)
    assert fitted.cls_obs == pytest.approx(experiment.cls_obs(mu), abs=1e-5)
    assert fitted.cls_exp == pytest.approx(experiment.cls_exp(mu), abs=1e-5)
    assert fitted.limit_obs == pytest.approx(experiment.limit_obs(), rel=1e-3)
    assert fitted.limit_exp == pytest.approx(experiment.limits_exp(), rel=1e-3)


def test_a_mu_beyond_the_bounds_of_the_model_is_answered() -> None:
    experiment = CountingExperiment(signal=0.3, background=50.0, events=48.0)
    fitted = fit(counting(0.3, 50.0, 48.0), mu=70.0, measurement=None)
    assert fitted.cls_obs == pytest.approx(experiment.cls_obs(70.0), abs=1e-5)


def test_without_signal_there_is_no_limit_and_a_note() -> None:
    fitted = fit(counting(signal=0.0), mu=1.0, measurement=None)
    assert fitted.cls_obs == pytest.approx(1.0)
    assert fitted.limit_obs is None
    assert fitted.limit_exp == (None,) * 5
    assert "No upper limit below mu = 16384" in fitted.notes[0]


def test_a_poi_with_negative_bounds_is_tested_from_zero() -> None:
    workspace = counting(events=41.0)
    config = workspace["measurements"][0]["config"]
    config["parameters"] = [{"name": "mu", "bounds": [[-5.0, 10.0]], "inits": [-1.0]}]
    experiment = CountingExperiment(signal=10.0, background=50.0, events=41.0)
    fitted = fit(workspace, mu=1.0, measurement=None)
    assert fitted.cls_obs == pytest.approx(experiment.cls_obs(1.0), abs=1e-5)


def test_the_chosen_measurement_decides_on_the_poi() -> None:
    workspace = counting()
    sample = workspace["channels"][0]["samples"][0]
    sample["modifiers"].append({"name": "twin", "type": "normfactor", "data": None})
    fixed = {"inits": [1.0], "fixed": True}
    workspace["measurements"] = [
        {"name": poi, "config": {"poi": poi, "parameters": [{"name": other, **fixed}]}}
        for poi, other in (("mu", "twin"), ("twin", "mu"))
    ]
    fitted = fit(workspace, mu=1.0, measurement="twin")
    assert (fitted.measurement, fitted.poi) == ("twin", "twin")
    single = CountingExperiment(signal=10.0, background=50.0, events=55.0)
    assert fitted.cls_obs == pytest.approx(single.cls_obs(1.0), abs=1e-5)


@pytest.mark.parametrize(
    ("poi", "parameters", "says"),
    [
        ("nothing", [], "nothing"),
        ("", [], "no parameter of interest"),
        ("mu", [{"name": "mu", "fixed": True}], "fixed"),
        ("mu", [{"name": "mu", "bounds": [[1.0, 5.0]]}], "include 0"),
        ("mu", [{"name": "mu", "inits": [1.0, 2.0]}], "Incorrect number of values"),
        ("uncorr_bkguncrt", [], "multiple components"),
        ("known", [], "must be a normfactor"),
    ],
)
def test_a_wrong_parameter_of_interest_is_refused(
    poi: str, parameters: list[object], says: str
) -> None:
    workspace = two_bins()
    background = workspace["channels"][0]["samples"][1]
    background["modifiers"].append(
        {"name": "known", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
    )
    workspace["measurements"][0]["config"] = {"poi": poi, "parameters": parameters}
    outcome = answer(question(workspace))
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid_workspace"
    assert says in outcome.message


def test_events_where_nothing_is_expected_are_refused() -> None:
    outcome = answer(question(counting(signal=0.0, background=0.0, events=3.0)))
    assert isinstance(outcome, Refused)
    assert outcome.code == "fit_failed"


def test_a_model_that_pyhf_refuses_gets_an_answer() -> None:
    workspace = two_bins()
    sample = workspace["channels"][0]["samples"][0]
    sample["modifiers"].append({"name": "lumi", "type": "lumi", "data": None})
    outcome = answer(question(workspace))
    assert isinstance(outcome, Refused)
    assert outcome.message.startswith("pyhf cannot fit this workspace: ")


def test_pyhf_does_not_collect_the_models_of_past_fits() -> None:
    for _ in range(4):
        answer(question(counting()))
        gc.collect()
    answer(b'{"workspace": {}, "mu": 1.0, "measurement": null}')  # refused, yet counted
    subscribers = pyhf.events.trigger("tensorlib_changed")
    assert len(subscribers._callbacks) < 100  # a model has 32
