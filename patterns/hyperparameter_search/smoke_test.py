"""The outcome, the table and the plot of the search, read back from the bucket."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from patterns.hyperparameter_search.reference import DEFAULTS_LOSS, LEAST_LOSS, SHORTFALL
from patterns.hyperparameter_search.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome

PATTERN = "hyperparameter-search"
PNG = b"\x89PNG\r\n\x1a\n"


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the number of trials and the losses. Raises CheckError where table and plot lack."""
    asked = Settings.model_validate(dict(access.site.patterns.get(PATTERN, {})))
    found = outcome(access, PATTERN)
    table = access.stored(PATTERN, found["files"]["table"]).decode()
    losses = {row["number"]: float(row["loss"]) for row in csv.DictReader(StringIO(table))}
    if min(losses.values(), default=0.0) != found["values"]["lowest loss"]:
        raise CheckError(
            f"{PATTERN}/{found['files']['table']} is not the table of the outcome",
            remedy="deploy again, so that its Job writes both",
        )
    if not access.stored(PATTERN, found["files"]["plot"]).startswith(PNG):
        raise CheckError(
            f"{PATTERN}/{found['files']['plot']} is no PNG image", remedy="deploy again"
        )
    # each number counted once: a trial that was stored twice would be missing here
    yield Measurement(
        check="trials in the table", value=len(losses), expected=asked.trials, tolerance=0
    )
    yield from measured(found, {"trials": Expected(value=asked.trials, tolerance=0)})
    if (asked.seed, asked.events) == (Settings().seed, Settings().events):
        yield from measured(found, {"loss of the defaults": DEFAULTS_LOSS})
        if asked.trials >= Settings().trials:
            middle = LEAST_LOSS + SHORTFALL / 2
            # nothing is below the least loss, but for the digits that it is told with
            expected = Expected(value=middle, tolerance=SHORTFALL / 2 + 1e-9)
            yield from measured(found, {"lowest loss": expected})
