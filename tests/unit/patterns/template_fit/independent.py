"""The likelihood of a workspace without pyhf: exponential rates, straight-line shapes, NumPy.

pyhf interpolates rates by a polynomial between minus and plus one standard deviation. It meets the
exponential in value and two derivatives at both ends, so that the two differ by less than 1e-6 for
changes of a tenth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


class Likelihood:
    """Poisson counts in every bin, and a unit Gaussian for every systematic."""

    def __init__(self, workspace: dict[str, Any]) -> None:
        """Read the samples of all channels, one behind the other."""
        self.samples = [
            (len(channel["samples"][0]["data"]), sample)
            for channel in workspace["channels"]
            for sample in channel["samples"]
        ]
        self.starts: dict[str, int] = {}
        start = 0
        for channel in workspace["channels"]:
            self.starts[channel["name"]] = start
            start += len(channel["samples"][0]["data"])
        self.bins = start
        self.channels = [
            channel["name"] for channel in workspace["channels"] for _ in channel["samples"]
        ]
        self.systematics = sorted(
            {
                modifier["name"]
                for _, sample in self.samples
                for modifier in sample["modifiers"]
                if modifier["type"] != "normfactor"
            }
        )
        self.names = ["mu", "mu_W", *self.systematics]

    def expected(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the events of every bin, and their derivatives: shape (bins, parameters)."""
        at = dict(zip(self.names, parameters, strict=True))
        column = {name: number for number, name in enumerate(self.names)}
        events, slopes = np.zeros(self.bins), np.zeros((self.bins, len(self.names)))
        for channel, (length, sample) in zip(self.channels, self.samples, strict=True):
            where = slice(self.starts[channel], self.starts[channel] + length)
            shape, factor = np.array(sample["data"]), 1.0
            for modifier in sample["modifiers"]:
                match modifier["type"]:
                    case "normfactor":
                        factor *= at[modifier["name"]]
                    case "normsys":
                        factor *= modifier["data"]["hi"] ** at[modifier["name"]]
                    case "histosys":
                        shape = shape + at[modifier["name"]] * _shift(modifier)
            events[where] += factor * shape
            for modifier in sample["modifiers"]:
                slope = {
                    "normfactor": lambda m, s=shape, f=factor: f * s / at[m["name"]],
                    "normsys": lambda m, s=shape, f=factor: f * s * np.log(m["data"]["hi"]),
                    "histosys": lambda m, s=shape, f=factor: f * _shift(m),
                }[modifier["type"]](modifier)
                slopes[where, column[modifier["name"]]] += slope
        return events, slopes

    def information(self, parameters: Floats) -> Floats:
        """Return the expected Fisher information: in closed form, no minimiser takes part."""
        events, slopes = self.expected(parameters)
        constraints = np.diag([0.0, 0.0, *np.ones(len(self.systematics))])
        return np.asarray(slopes.T @ (slopes / events[:, None]) + constraints)

    def closure_errors(self, mu: float, mu_w: float) -> tuple[float, float]:
        """Return the errors of the two rates that a fit to Asimov data has."""
        parameters = np.array([mu, mu_w, *np.zeros(len(self.systematics))])
        errors = np.sqrt(np.diag(np.linalg.inv(self.information(parameters))))
        return float(errors[0]), float(errors[1])

    def fit(self, counts: Floats, measured: dict[str, float]) -> tuple[Floats, Floats]:
        """Return the best parameters and their errors, by BFGS and a Hessian of differences."""
        centre = np.array([measured[name] for name in self.systematics])

        def gradient(parameters: Floats) -> Floats:
            events, slopes = self.expected(parameters)
            pulls = np.array([0.0, 0.0, *(parameters[2:] - centre)])
            return np.asarray(slopes.T @ (1 - counts / events) + pulls)

        def loss(parameters: Floats) -> float:
            events, _ = self.expected(parameters)
            pulls = parameters[2:] - centre
            return float((events - counts * np.log(events)).sum() + (pulls @ pulls) / 2)

        start = np.array([1.0, 1.0, *np.zeros(len(self.systematics))])
        found = minimize(loss, start, jac=gradient, method="BFGS", options={"gtol": 1e-5})
        step = 1e-4 * np.eye(len(start))
        hessian = [(gradient(found.x + each) - gradient(found.x - each)) / 2e-4 for each in step]
        return found.x, np.sqrt(np.diag(np.linalg.inv(np.array(hessian))))


def _shift(modifier: dict[str, Any]) -> Floats:
    data = modifier["data"]
    return np.asarray((np.array(data["hi_data"]) - np.array(data["lo_data"])) / 2)
