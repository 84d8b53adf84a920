"""The physics: CLs at one signal strength and 95% CL upper limits, all computed by pyhf.

Runs in a worker process; importing this module takes seconds, because pyhf imports SciPy.
"""

import json
import logging
import math
import warnings
from typing import Any

import numpy as np
import pyhf
from pyhf.infer.intervals.upper_limits import toms748_scan

from .documents import BACKEND
from .outcome import Fitted, Outcome, Refused
from .workspace import RefusedError, check_workspace

CONFIDENCE_LEVEL = 0.95
"""Confidence level of the upper limits: where CLs falls to 1 - 0.95 = 0.05."""
LIMIT_TOLERANCE = 1e-4
"""Relative accuracy of the upper limits."""
LARGEST_LIMIT, SMALLEST_LIMIT = 2.0**14, 2.0**-30
"""The range in which limits are searched, as multiples of the workspace's signal."""

_LEVEL = 1.0 - CONFIDENCE_LEVEL

pyhf.set_backend(BACKEND)


def be_quiet() -> None:
    """Keep pyhf and NumPy from printing whole models: wrong workspaces are answered, not logged."""
    logging.getLogger("pyhf").setLevel(logging.CRITICAL + 1)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")


def answer(question: bytes) -> Outcome:
    """Answer one canonical question (see ``documents.canonical_question``); never raises."""
    asked = json.loads(question)
    try:
        return fit(asked["workspace"], mu=asked["mu"], measurement=asked["measurement"])
    except RefusedError as error:
        return error.refused
    except pyhf.exceptions.FailedMinimization as error:
        return Refused(code="fit_failed", message=f"The fit did not converge: {_first(error)}.")
    except MemoryError:
        return Refused(
            code="too_complex", message="The fit needs more memory than a worker may use."
        )
    except Exception as error:
        # pyhf meets a wrong model with many exception types; all of them are the model's fault.
        cause = _first(error) if type(error).__module__ == "pyhf.exceptions" else repr(error)
        return Refused(code="invalid_workspace", message=f"pyhf cannot fit this workspace: {cause}")
    finally:
        _forget_models()


def _forget_models() -> int:
    """Have pyhf drop its references to models that are gone; returns how many stay.

    Every model subscribes to changes of the backend, some 4 kB a fit that pyhf lets go of only
    when the backend changes or, as here, when the subscribers are counted.
    """
    subscribers = pyhf.events.trigger("tensorlib_changed")
    return 0 if subscribers is pyhf.events.noop else len(subscribers)  # noop: no model yet


def fit(workspace: dict[str, Any], *, mu: float, measurement: str | None) -> Fitted:
    """Check and fit a workspace at signal strength ``mu`` (a factor, no unit).

    CLs comes from ``pyhf.infer.hypotest`` with the test statistic q̃ and asymptotic formulae
    (arXiv:1007.1727), which is what pyhf does by default.

    Raises :class:`RefusedError`, and pyhf's own exceptions where a model cannot be built.
    """
    name = check_workspace(workspace, measurement)
    specification = pyhf.Workspace(workspace, validate=False)
    model = specification.model(measurement_name=name, validate=False)
    poi = model.config.poi_name
    data = specification.data(model)
    upper = _upper_bound(model)
    cls = _cls(model, data, mu, upper)
    if not all(math.isfinite(value) for value in cls):
        raise RefusedError(
            f"CLs at mu = {mu:g} is not a finite number: mu is far too small or too large, or "
            "there are events in a bin where no background is expected.",
            code="fit_failed",
        )
    limits, notes = _upper_limits(model, data, upper)
    return Fitted(
        measurement=name,
        poi=poi,
        mu=mu,
        cls_obs=cls[0],
        cls_exp=cls[1:],
        limit_obs=limits[0],
        limit_exp=limits[1:],
        notes=notes,
    )


def _upper_bound(model: Any) -> float:
    """Upper end of the POI's range; refuses a POI that no limit can be set on."""
    poi, config = model.config.poi_name, model.config
    if not poi:
        raise RefusedError("The measurement names no parameter of interest (poi).")
    parameter = config.param_set(poi)
    if parameter.constrained or parameter.n_parameters != 1:
        raise RefusedError(f'The parameter of interest "{poi}" must be a normfactor.')
    if config.suggested_fixed()[config.poi_index]:
        raise RefusedError(f'The parameter of interest "{poi}" is fixed: set fixed to false.')
    low, high = config.suggested_bounds()[config.poi_index]
    if not low <= 0.0 < high:
        raise RefusedError(f'The bounds of "{poi}" must include 0 and a positive range.')
    return float(high)


def _bounds(model: Any, upper: float) -> list[tuple[float, float]]:
    """The parameters' bounds with the POI's from 0, as q̃ defines it, to ``upper``."""
    bounds = [tuple(pair) for pair in model.config.suggested_bounds()]
    bounds[model.config.poi_index] = (0.0, upper)
    return bounds


def _start(model: Any, mu: float) -> list[float]:
    """The parameters' first values, with the POI's between 0 and ``mu``.

    Where a signal is so strong that hardly any of it fits the data, the minimiser does not find
    back from the POI's usual first value, 1.
    """
    start = list(model.config.suggested_init())
    start[model.config.poi_index] = min(max(start[model.config.poi_index], 0.0), mu)
    return start


def _cls(model: Any, data: Any, mu: float, upper: float) -> tuple[float, ...]:
    """Observed and five expected CLs at ``mu``, with the POI between 0 and ``upper`` or ``mu``."""

    def test(start: list[float]) -> tuple[float, ...]:
        observed, expected = pyhf.infer.hypotest(
            mu,
            data,
            model,
            init_pars=start,
            par_bounds=_bounds(model, max(upper, mu)),
            test_stat="qtilde",
            return_expected_set=True,
        )
        return (float(observed), *(float(value) for value in expected))

    try:
        return test(_start(model, mu))
    except pyhf.exceptions.FailedMinimization:
        return test(_start(model, 0.0))


Limits = tuple[float | None, ...]
_NO_LIMITS: Limits = (None,) * 6


def _upper_limits(model: Any, data: Any, upper: float) -> tuple[Limits, tuple[str, ...]]:
    """Observed and five expected limits, or nothing and a note why.

    They are found by ``toms748_scan``, the root finder of pyhf's ``upper_limit``, between bounds
    of our own. Those that pyhf takes, 0 and the end of the POI's range, fail for some
    workspaces: at 0 CLs may be 0/0, and a limit beyond the range is an error.
    """
    try:
        low, high = _bracket(model, data, upper)
        reach = max(upper, high)
        found, band = toms748_scan(
            data,
            model,
            low,
            high,
            level=_LEVEL,
            rtol=LIMIT_TOLERANCE,
            init_pars=_start(model, low),
            par_bounds=_bounds(model, reach),
            test_stat="qtilde",
        )
    except _NoLimitError as error:
        return _NO_LIMITS, (str(error),)
    except (RefusedError, pyhf.exceptions.FailedMinimization, ValueError) as error:
        return _NO_LIMITS, (f"The search for the upper limits failed: {_first(error)}",)
    return (float(found), *(float(value) for value in band)), ()


class _NoLimitError(Exception):
    """There is no upper limit in the range that is searched; the message is for the reader."""


def _bracket(model: Any, data: Any, upper: float) -> tuple[float, float]:
    """Two signal strengths with all six limits between them, by doubling and halving from 1."""

    def values(mu: float) -> tuple[float, ...]:
        # Far beyond every limit CLs becomes 0/0.
        return tuple(0.0 if math.isnan(cls) else cls for cls in _cls(model, data, mu, upper))

    low = high = min(1.0, upper)
    bottom = top = values(low)
    while max(top) >= _LEVEL:
        high *= 2.0
        if high > LARGEST_LIMIT:
            raise _NoLimitError(
                f"No upper limit below mu = {LARGEST_LIMIT:g}: the data do not constrain the "
                "parameter of interest."
            )
        top = values(high)
    while min(bottom) <= _LEVEL:
        low /= 2.0
        if low < SMALLEST_LIMIT:
            raise _NoLimitError(f"An upper limit is below mu = {SMALLEST_LIMIT:g}.")
        bottom = values(low)
        if max(bottom) < _LEVEL:
            high = low
    return low, high


def _first(error: Exception) -> str:
    """The first line of an exception's text, at most 300 characters."""
    lines = str(error).splitlines()
    return lines[0][:300] if lines else type(error).__name__
