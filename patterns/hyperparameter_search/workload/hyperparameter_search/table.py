"""What is told of the trials: a table, and a plot."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from io import BytesIO, StringIO

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial

from .objective import DEFAULTS
from .study import worker_of

mpl.use("Agg")


@dataclass(frozen=True)
class Row:
    """One trial: its number in the study, its candidate and loss, and who did it when (UTC).

    `again` is how often it had to be done again because its worker had died.
    """

    number: int
    ridge: float
    gamma: float
    loss: float
    worker: int
    again: int
    started: str
    seconds: float


def rows(trials: Sequence[FrozenTrial]) -> list[Row]:
    """Return the rows of finished trials, in their order."""
    return [_row(trial) for trial in trials]


def as_csv(table: Sequence[Row]) -> bytes:
    """Return the table with a line of names; numbers have all their digits."""
    text = StringIO()
    writer = csv.DictWriter(text, [each.name for each in fields(Row)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in table)
    return text.getvalue().encode()


def as_png(table: Sequence[Row]) -> bytes:
    """Return the plot: the losses as they came, and where the candidates lie."""
    losses = np.array([row.loss for row in table])
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    course, plane = figure.subplots(1, 2)
    order = np.arange(1, len(losses) + 1)
    course.plot(order, losses, "o", markersize=4, label="trial")
    course.plot(order, np.minimum.accumulate(losses), drawstyle="steps-post", label="lowest so far")
    course.set(xlabel="trial", ylabel="cross-validated loss", yscale="log")
    course.legend()
    best = table[int(np.argmin(losses))]
    colours = plane.scatter(
        [row.gamma for row in table],
        [row.ridge for row in table],
        c=np.log10(losses),
        cmap="viridis_r",
    )
    plane.plot(DEFAULTS.gamma, DEFAULTS.ridge, "s", mfc="none", mec="k", label="defaults")
    plane.plot(best.gamma, best.ridge, "*", ms=14, mfc="none", mec="r", label="lowest")
    plane.set(xscale="log", yscale="log", xlabel="gamma", ylabel="ridge")
    plane.legend()
    figure.colorbar(colours, ax=plane, label="log10(loss)")
    image = BytesIO()
    figure.savefig(image, format="png", dpi=120)
    return image.getvalue()


def _row(trial: FrozenTrial) -> Row:
    if trial.value is None or trial.datetime_start is None or trial.duration is None:
        raise ValueError(f"trial {trial.number} is not finished")
    return Row(
        number=trial.number,
        ridge=trial.params["ridge"],
        gamma=trial.params["gamma"],
        loss=trial.value,
        worker=worker_of(trial),
        again=len(trial.system_attrs.get("retry_history", [])),
        started=trial.datetime_start.isoformat(timespec="milliseconds"),
        seconds=trial.duration.total_seconds(),
    )
