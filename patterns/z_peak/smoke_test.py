"""The result that the Job stored, read back through the ingress."""

from __future__ import annotations

import json
from collections.abc import Iterator

from patterns.z_peak.workload.z_peak.reference import (
    CHI2_PER_NDF_RANGE,
    M_Z_GEV,
    MAX_PULL,
    PLOT_KEY,
    RESULT_KEY,
    m_z_error_range,
)
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement

PNG = b"\x89PNG\r\n\x1a\n"


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the mass, its error and the fit's quality. Raises CheckError where there is no fit."""
    result = json.loads(access.stored("z-peak", RESULT_KEY))
    if not result["valid"]:
        raise CheckError("the fit did not converge", remedy="`kubectl logs -n z-peak -l "
                         "app.kubernetes.io/name=z-peak` shows it")  # fmt: skip
    if not access.stored("z-peak", PLOT_KEY).startswith(PNG):
        raise CheckError(f"{PLOT_KEY} is no PNG image", remedy="delete it and deploy again")
    yield Measurement(
        check="m_Z (GeV)",
        value=result["m_z"],
        expected=M_Z_GEV,
        tolerance=MAX_PULL * result["m_z_error"],
    )
    yield _within("m_Z error (GeV)", result["m_z_error"], m_z_error_range(result["signal_events"]))
    yield _within("chi2/ndf", result["chi2"] / result["ndf"], CHI2_PER_NDF_RANGE)


def _within(check: str, value: float, limits: tuple[float, float]) -> Measurement:
    """Return a measurement that passes between the two limits."""
    low, high = limits
    return Measurement(
        check=check, value=value, expected=(low + high) / 2, tolerance=(high - low) / 2
    )
