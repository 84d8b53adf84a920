"""The fit finds what was put into its data, with errors confirmed without pyhf."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest
from ssl_analysis.errors import AnalysisError

from patterns.template_fit.reference import ERRORS, EXPERIMENT, MU, MU_W, SEED
from patterns.template_fit.workload.template_fit import model as statistical
from patterns.template_fit.workload.template_fit.fit import asimov, fit, toy
from patterns.template_fit.workload.template_fit.scan import INJECTED_MU, INJECTED_MU_W
from tests.unit.patterns.template_fit.independent import Floats, Likelihood

pytestmark = pytest.mark.volume


def by_name(model: pyhf.Model, data: Floats) -> tuple[Floats, dict[str, float]]:
    """Return the counts, the signal region first, and the measured systematics."""
    counts, measured = data[: model.config.nmaindata], data[model.config.nmaindata :]
    slices = model.config.channel_slices
    order = ("signal_region", "control_region")
    return (
        np.concatenate([counts[slices[name]] for name in order]),
        dict(zip(model.config.auxdata_order, measured, strict=True)),
    )


def test_the_reference_is_of_the_rates_that_are_injected() -> None:
    assert (MU, MU_W) == (INJECTED_MU, INJECTED_MU_W)


@pytest.mark.parametrize("systematics", sorted(ERRORS))
def test_the_known_errors_are_those_of_the_fisher_information(systematics: int) -> None:
    likelihood = Likelihood(statistical.workspace(systematics))
    # as many digits as the reference has
    assert likelihood.closure_errors(MU, MU_W) == pytest.approx(ERRORS[systematics], abs=6e-7)


def test_the_known_experiment_is_what_another_minimiser_finds() -> None:
    model = statistical.model(statistical.NAMED)
    counts, measured = by_name(model, toy(model, MU, MU_W, SEED))
    found, errors = Likelihood(statistical.workspace(statistical.NAMED)).fit(counts, measured)
    assert list(found[:2]) == pytest.approx(list(EXPERIMENT.values()), abs=6e-6)
    # on real counts the errors are not those of the closure, but nearly
    assert list(errors[:2]) == pytest.approx(ERRORS[statistical.NAMED], rel=0.15)


@pytest.mark.parametrize("parameters", [(1.0, 1.0), (1.2, 0.9)])
def test_both_likelihoods_expect_the_same_events(parameters: tuple[float, float]) -> None:
    """Away from zero as well, where the interpolations could differ."""
    model = statistical.model(12)
    likelihood = Likelihood(statistical.workspace(12))
    pulls = dict(zip(likelihood.systematics, np.linspace(-0.9, 0.9, 12), strict=True))
    values = {"mu": parameters[0], "mu_W": parameters[1], **pulls}
    pars = [values[name] for name in model.config.par_order]
    counts, _ = by_name(model, np.asarray(model.expected_data(pars)))
    events, _ = likelihood.expected(np.array([values[name] for name in likelihood.names]))
    # pyhf's polynomial is 2e-7 from the exponential for the largest rate change, a fifth
    np.testing.assert_allclose(counts, events, rtol=2e-6)


@pytest.mark.parametrize("systematics", [0, 6, 12])
def test_the_closure_returns_what_was_injected(systematics: int) -> None:
    model = statistical.model(systematics)
    found = fit(model, asimov(model, MU, MU_W))
    mu_error, mu_w_error = ERRORS[systematics]
    assert found.parameters == systematics + 2
    assert (found.mu, found.mu_w) == pytest.approx((MU, MU_W), abs=1e-3)
    assert (found.mu_error, found.mu_w_error) == pytest.approx((mu_error, mu_w_error), rel=0.01)
    assert found.seconds > 0


def test_the_fit_of_the_experiment_is_the_known_one() -> None:
    model = statistical.model(statistical.NAMED)
    found = fit(model, toy(model, MU, MU_W, SEED))
    assert (found.mu, found.mu_w) == pytest.approx(tuple(EXPERIMENT.values()), abs=1e-3)


def test_experiments_depend_on_the_seed_alone_and_scatter_as_they_should() -> None:
    model = statistical.model(statistical.NAMED)
    expected = asimov(model, MU, MU_W)
    toys = np.array([toy(model, MU, MU_W, seed) for seed in range(400)])
    np.testing.assert_array_equal(toys[7], toy(model, MU, MU_W, 7))
    bins = model.config.nmaindata
    spread = np.where(np.arange(len(expected)) < bins, np.sqrt(np.abs(expected)), 1.0)
    # 21 means of 400: the largest of them is 4 standard errors off once in 750 times
    assert np.abs((toys.mean(axis=0) - expected) / spread * 20).max() < 4
    # the relative error of a standard deviation from 400 is 1/sqrt(800) = 0.035
    np.testing.assert_allclose(toys.std(axis=0) / spread, 1, atol=0.15)


def test_every_systematic_adds_to_the_error() -> None:
    errors = [
        Likelihood(statistical.workspace(number)).closure_errors(MU, MU_W)[0]
        for number in range(0, statistical.MOST_SYSTEMATICS + 1, 8)
    ]
    assert errors == sorted(errors)
    assert len(set(errors)) == len(errors)


def test_no_two_systematics_are_the_same() -> None:
    workspace = statistical.workspace(statistical.MOST_SYSTEMATICS)
    (channel,) = [each for each in workspace["channels"] if each["name"] == "signal_region"]
    modifiers = channel["samples"][0]["modifiers"]
    assert len({str(each["data"]) for each in modifiers}) == len(modifiers)
    model = statistical.model(statistical.MOST_SYSTEMATICS)
    assert model.config.npars == statistical.MOST_SYSTEMATICS + 2
    assert (np.asarray(model.expected_data(model.config.suggested_init()))[:15] > 0).all()


def test_a_fit_at_its_limit_is_no_result() -> None:
    model = statistical.model(0)
    data = asimov(model, 1.0, 1.0)
    empty = np.concatenate([np.zeros(model.config.nmaindata), data[model.config.nmaindata :]])
    with pytest.raises(AnalysisError, match=r"the fit with 2 parameters .*no result is stored"):
        fit(model, empty)
