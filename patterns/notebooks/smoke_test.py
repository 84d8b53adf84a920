"""A notebook with the documented two-bin fit, run on a server that is started for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from patterns.notebooks.server import SERVICE, UserServer, number
from patterns.notebooks.settings import CHECK_USER, Settings
from sslab.catalogue.secrets import pattern_password
from sslab.checks import login
from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement

NOTEBOOK = Path(__file__).with_name("two_bins.ipynb")
OBSERVED = 0.05251497
"""pyhf's README, "Hello World": CLs of the two-bin model at a signal strength of 1."""

TOLERANCE = 1e-6


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield what a stranger gets, the fit's CLs, and how long a server takes to start.

    A program cannot log in at every issuer: the server is that of a user who exists for this alone,
    and the hub lets the check's token do nothing else. Raises CheckError where a step fails.
    """
    yield login.asked(SERVICE, access, "/hub/oauth_login")
    patience_s = Settings.model_validate(dict(access.site.patterns[SERVICE])).start_timeout_s
    token = access.secret(pattern_password(SERVICE, "check"))
    server = UserServer(access, CHECK_USER, token)
    with server.running(patience_s + 30) as seconds:
        printed = server.run(NOTEBOOK.name, json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    yield Measurement(
        check="CLs_obs",
        value=number("CLs_obs", printed),
        expected=OBSERVED,
        tolerance=TOLERANCE,
    )
    yield Measurement(
        check="seconds until a server is ready",
        value=seconds,
        expected=patience_s / 2,
        tolerance=patience_s / 2,
    )
    left = 0 if server.state() is None else 1
    yield Measurement(check="servers left", value=left, expected=0, tolerance=0)
