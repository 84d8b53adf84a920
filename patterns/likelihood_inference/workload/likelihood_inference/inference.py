"""The theta that makes the observed collisions most likely."""

from collections.abc import Callable
from dataclasses import dataclass

from iminuit import Minuit
from ssl_analysis.errors import AnalysisError

from .collisions import LARGEST_THETA

Loss = Callable[[float], float]
"""Minus twice the logarithm of the likelihood, of theta."""


@dataclass(frozen=True)
class Estimate:
    """Theta and its standard error, and the loss there."""

    theta: float
    error: float
    loss: float


def estimate(name: str, loss: Loss) -> Estimate:
    """Minimise the loss. Raises AnalysisError where there is no minimum to trust."""
    minuit = Minuit(loss, theta=0.1)
    minuit.errordef = 1.0  # of minus twice the logarithm
    minuit.limits["theta"] = (-LARGEST_THETA, LARGEST_THETA)
    minuit.errors["theta"] = 0.05
    minuit.migrad()
    minuit.hesse()
    theta, error = float(minuit.values["theta"]), float(minuit.errors["theta"])
    if not minuit.valid or not minuit.accurate or abs(theta) > LARGEST_THETA - error:
        raise AnalysisError(
            f"the {name} fit ended at theta = {theta:.4f} +- {error:.4f}, without a minimum or at "
            "the limit; no result is stored"
        )
    return Estimate(theta, error, float(minuit.fval or 0.0))
