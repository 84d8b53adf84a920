"""The documented two-bin example, fitted through the ingress."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement

WORKSPACE = Path(__file__).with_name("two_bin_workspace.json")

OBSERVED = 0.05251497
EXPECTED = (0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621)
"""pyhf's README, "Hello World": CLs of the two-bin model at a signal strength of 1."""

TOLERANCE = 1e-6


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the observed and the five expected CLs. Raises CheckError where there is no fit."""
    answer = access.post("fitting-service", "/v1/fits", json.loads(WORKSPACE.read_text()))
    if answer.status_code != 200:
        raise CheckError(
            f"the fit was refused with {answer.status_code}: {answer.text[:200]}",
            remedy="`kubectl logs -n fitting-service deploy/fitting-service` says why",
        )
    fit = answer.json()
    yield Measurement(check="CLs_obs", value=fit["cls_obs"], expected=OBSERVED, tolerance=TOLERANCE)
    for sigma, value, expected in zip(range(-2, 3), fit["cls_exp"], EXPECTED, strict=True):
        yield Measurement(
            check=f"CLs_exp {sigma:+d} sigma", value=value, expected=expected, tolerance=TOLERANCE
        )
