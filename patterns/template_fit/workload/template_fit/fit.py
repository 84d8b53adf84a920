"""One maximum-likelihood fit of the model with pyhf and Minuit."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyhf
from numpy.typing import NDArray
from ssl_analysis.errors import AnalysisError

Floats = NDArray[np.float64]

RATE_LIMITS = (0.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The fitted rates with their errors (Hesse), and the wall time of the fit in seconds.

    `parameters` are all that were fitted: the two rates and one for each systematic.
    """

    mu: float
    mu_error: float
    mu_w: float
    mu_w_error: float
    parameters: int
    seconds: float


def asimov(model: pyhf.Model, mu: float, mu_w: float) -> Floats:
    """Return the data that the model expects at these rates, with every systematic at zero."""
    return np.asarray(model.expected_data(_at(model, mu, mu_w)), dtype=np.float64)


def toy(model: pyhf.Model, mu: float, mu_w: float, seed: int) -> Floats:
    """Return a pseudo-experiment: Poisson counts, and a Gaussian measurement of each systematic."""
    expected = asimov(model, mu, mu_w)
    rng = np.random.default_rng(seed)
    bins = model.config.nmaindata
    counts = rng.poisson(expected[:bins])
    measured = rng.normal(expected[bins:], 1.0)
    return np.concatenate([counts, measured])


def fit(model: pyhf.Model, data: Floats) -> Fit:
    """Fit the model to the data. Raises AnalysisError where there is no minimum to trust."""
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=0.01))
    started = time.perf_counter()
    try:
        found = np.asarray(pyhf.infer.mle.fit(data, model, return_uncertainties=True))
    except pyhf.exceptions.FailedMinimization as failure:
        raise AnalysisError(
            f"the fit with {model.config.npars} parameters did not converge: {failure}; no result "
            "is stored"
        ) from failure
    seconds = time.perf_counter() - started
    values = {name: found[model.config.par_slice(name).start] for name in ("mu", "mu_W")}
    for name, (value, error) in values.items():
        low, high = RATE_LIMITS
        if not (low + 1e-3 < value < high - 1e-3 and 0 < error < high - low):
            raise AnalysisError(
                f"the fit with {model.config.npars} parameters has {name} = {value:.4g} +- "
                f"{error:.4g}, at its limit or without an error; no result is stored"
            )
    return Fit(
        mu=float(values["mu"][0]),
        mu_error=float(values["mu"][1]),
        mu_w=float(values["mu_W"][0]),
        mu_w_error=float(values["mu_W"][1]),
        parameters=int(model.config.npars),
        seconds=seconds,
    )


def _at(model: pyhf.Model, mu: float, mu_w: float) -> Any:
    parameters = np.asarray(model.config.suggested_init(), dtype=np.float64)
    parameters[model.config.par_slice("mu")] = mu
    parameters[model.config.par_slice("mu_W")] = mu_w
    return parameters
