"""What one worker does from its start to its end; the first one tells the result."""

import signal
import sys
import time
from types import FrameType

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import settings as reading
from .database import Database
from .objective import loss
from .sample import generate
from .settings import Settings
from .study import Study, is_default, open_study, work, worker_of
from .table import as_csv, as_png, rows

PATTERN = "hyperparameter-search"
TABLE, PLOT = "trials.csv", "trials.png"
LIBRARIES = ("numpy", "optuna", "scikit-learn", "sqlalchemy")
PAUSE_S = 1.0


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Search, together with the other workers; worker 0 stores table, plot and outcome."""
    signal.signal(signal.SIGTERM, _end)
    settings = reading.read(environment)
    database = Database(reading.database_url(environment), report)
    tells = settings.worker == 0
    if tells:
        withdraw(store)
    started = time.monotonic()
    study = database.patiently("opening the study", lambda: open_study(settings, database))
    before = len(database.patiently("looking at the study", study.results))
    report(f"worker {settings.worker}: {before} of {settings.trials} trials are done")
    sample = generate(settings.seed, settings.events)
    work(study, lambda each: loss(sample, each), report, lambda: time.sleep(PAUSE_S))
    if tells:
        tell(study, settings, store, report, time.monotonic() - started)


def tell(
    study: Study, settings: Settings, store: ObjectStore, report: Report, duration_s: float
) -> None:
    """Store the table, the plot and last of all the outcome."""
    trials = study.database.patiently("reading the trials", study.results)
    given_up = study.database.patiently("reading the trials", study.given_up)
    if len(trials) != settings.trials:
        raise AnalysisError(f"{len(trials)} trials are done and {settings.trials} were asked for")
    table = rows(trials)
    best = min(table, key=lambda row: row.loss)
    store.put(TABLE, as_csv(table), "text/csv")
    store.put(PLOT, as_png(table), "image/png")
    defaults = [trial.value for trial in trials if is_default(trial) and trial.value is not None]
    if not defaults:
        raise AnalysisError(
            f"the defaults are not among the first {settings.trials} trials of {settings.study}: "
            "ask for more trials, or for another seed"
        )
    publish(
        store,
        Outcome(
            pattern=PATTERN,
            values={
                "trials": len(table),
                "loss of the defaults": defaults[0],
                "lowest loss": best.loss,
                "ridge": best.ridge,
                "gamma": best.gamma,
            },
            parameters={
                "trials": settings.trials,
                "seed": settings.seed,
                "events": settings.events,
                "study": settings.study,
            },
            metrics={
                "duration (s)": duration_s,
                "time in trials (s)": sum(row.seconds for row in table),
                "workers": len({worker_of(trial) for trial in trials}),
                "trials given up": given_up,
            },
            files={"table": TABLE, "plot": PLOT},
            libraries=LIBRARIES,
        ),
    )
    report(
        f"{len(table)} trials, {given_up} given up; lowest loss {best.loss:.6f} at ridge "
        f"{best.ridge:.4g}, gamma {best.gamma:.4g}; the defaults have {defaults[0]:.6f}"
    )


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End at once: the trial is done again, by whoever notices that its sign of life is missing."""
    sys.exit("hyperparameter-search: told to end; the others do its trial again")
