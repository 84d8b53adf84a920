"""How strong a signal may be: pyhf's asymptotic CLs, and the strength that it excludes."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import jsonpatch
import numpy as np
import pyhf
from ssl_analysis.errors import AnalysisError

from .preserved import Search

LEVEL: Final = 0.05
"""What has a CLs below it is excluded, at 95 % confidence."""
LARGEST_MU: Final = 10.0
_PRECISION: Final = 1e-3
"""Of the search for the strength, which comes out far more precise: it converges fast."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The largest strength that is not excluded, and CLs of the strength 1.

    `expected` are the limits without a signal at -2 to 2 standard deviations of the data.
    """

    observed: float
    expected: tuple[float, ...]
    cls_observed: float
    cls_expected: float

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def limit(search: Search, patch: list[dict[str, Any]]) -> Limit:
    """Return the limit on a signal. Raises AnalysisError where the search excludes no strength."""
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer(tolerance=1e-10))
    workspace = pyhf.Workspace(jsonpatch.apply_patch(search.workspace, patch))
    model = workspace.model()
    data = workspace.data(model)
    try:
        observed, expected = pyhf.infer.intervals.upper_limits.toms748_scan(
            data, model, 0.01, LARGEST_MU, level=LEVEL, rtol=_PRECISION
        )
        cls, band = pyhf.infer.hypotest(
            1.0, data, model, test_stat="qtilde", return_expected_set=True
        )
    except (pyhf.exceptions.FailedMinimization, ValueError) as failure:
        raise AnalysisError(
            f"no strength of the signal up to {LARGEST_MU:g} is excluded: {failure}; ask for a "
            "larger cross section"
        ) from failure
    values = np.asarray(expected, dtype=np.float64)
    return Limit(
        observed=float(observed),
        expected=(*map(float, values),),
        cls_observed=float(cls),
        cls_expected=float(band[2]),
    )
