"""Fit the coefficients to decays: unbinned maximum likelihood with Minuit."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

import numpy as np
from iminuit import Minuit
from ssl_analysis.errors import AnalysisError

from .amplitude import COMPONENTS, Coefficients, Floats, components
from .phase_space import counts, quadrature

PARAMETERS = tuple(each.name for each in fields(Coefficients))
_LARGEST = 10.0
# The phases have several minima: the search begins in each quadrant of the rho's.
_STARTS = (0.0, np.pi / 2, np.pi, -np.pi / 2)
_FEWEST_IN_A_BIN = 10.0


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The fitted coefficients and fit fractions with their errors, and how well they describe.

    A fit fraction is a component's intensity alone, over that of the sum; by interference they
    need not add up to one.
    """

    coefficients: Coefficients
    errors: Coefficients
    fractions: dict[str, float]
    fraction_errors: dict[str, float]
    chi2: float
    ndf: int


def fit(s12: Floats, s23: Floats) -> Fit:
    """Fit the model to decays. Raises AnalysisError where there is no minimum to trust."""
    loss = likelihood(s12, s23)
    tries = [_minimised(loss, phase) for phase in _STARTS]
    valid = [each for each in tries if each.valid]
    if not valid:
        raise AnalysisError("the fit did not converge from any start; no result is stored")
    best = min(valid, key=lambda each: each.fval or 0.0)
    best.hesse()
    values, errors = np.array(best.values), np.array(best.errors)
    magnitudes = values[[0, 2]]
    if not best.accurate or (magnitudes < 1e-3).any() or (magnitudes > 0.99 * _LARGEST).any():
        raise AnalysisError(
            f"the fit ended at a limit or without accurate errors ({values}); no result is stored"
        )
    values[[1, 3]] = (values[[1, 3]] + np.pi) % (2 * np.pi) - np.pi
    fractions, fraction_errors = _fractions(values, np.array(best.covariance))
    coefficients = Coefficients(*map(float, values))
    chi2, bins = _chi2(coefficients, s12, s23)
    return Fit(
        coefficients=coefficients,
        errors=Coefficients(*map(float, errors)),
        fractions=fractions,
        fraction_errors=fraction_errors,
        chi2=chi2,
        ndf=bins - 1 - len(PARAMETERS),
    )


def likelihood(s12: Floats, s23: Floats) -> Callable[..., float]:
    """Return minus twice the logarithm of the likelihood, a function of the coefficients."""
    nodes = quadrature()
    amplitudes = components(s12, s23) / nodes.scale

    def loss(rho: float, rho_phase: float, nonresonant: float, nonresonant_phase: float) -> float:
        coefficients = Coefficients(rho, rho_phase, nonresonant, nonresonant_phase)
        summed = amplitudes @ coefficients.vector()
        intensity = summed.real**2 + summed.imag**2
        return float(
            2 * (len(s12) * np.log(nodes.norm(coefficients)) - np.log(intensity + 1e-300).sum())
        )

    return loss


def fit_fractions(coefficients: Coefficients) -> Floats:
    """Return the fit fraction of each component."""
    # the components are normalised, so that the squared coefficient is the intensity alone
    alone = np.abs(coefficients.vector()) ** 2
    return np.asarray(alone / quadrature().norm(coefficients))


def _minimised(loss: Callable[..., float], phase: float) -> Minuit:
    minuit = Minuit(loss, rho=0.5, rho_phase=phase, nonresonant=0.3, nonresonant_phase=0.0)
    minuit.errordef = 1.0  # of minus twice the logarithm
    minuit.limits["rho", "nonresonant"] = (0.0, _LARGEST)
    minuit.tol = 0.01
    minuit.migrad()
    return minuit


def _fractions(values: Floats, covariance: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Return the fit fractions, and their errors by linear propagation."""
    step = 1e-5
    slopes = np.array(
        [
            fit_fractions(Coefficients(*(values + shift)))
            - fit_fractions(Coefficients(*(values - shift)))
            for shift in step * np.eye(len(values))
        ]
    ).T / (2 * step)
    found = fit_fractions(Coefficients(*values))
    errors = np.sqrt(np.diag(slopes @ covariance @ slopes.T))
    return (
        dict(zip(COMPONENTS, map(float, found), strict=True)),
        dict(zip(COMPONENTS, map(float, errors), strict=True)),
    )


def _chi2(coefficients: Coefficients, s12: Floats, s23: Floats) -> tuple[float, int]:
    """Return Pearson's chi2 over the Dalitz plot, and of how many bins; the sparse are one."""
    expected = quadrature().expected(coefficients, len(s12))
    found = counts(s12, s23)
    full = expected >= _FEWEST_IN_A_BIN
    expected = np.append(expected[full], expected[~full].sum())
    found = np.append(found[full], found[~full].sum())
    return float(((found - expected) ** 2 / expected).sum()), len(expected)


def as_values(coefficients: Coefficients) -> dict[str, float]:
    """Return the coefficients by name."""
    return dict(zip(PARAMETERS, astuple(coefficients), strict=True))
