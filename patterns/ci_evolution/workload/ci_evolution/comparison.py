"""How far two revisions are apart, how well that is known, and which change did it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ssl_analysis.errors import AnalysisError

from . import revision_1, revision_2
from .events import Events, Floats
from .terms import Terms

REPLICAS = 400
"""Bootstrap samples: an error comes out to 1 / sqrt(2 * 400), 3.5 percent of itself."""

AT_ONCE = 2_500_000
"""Weights that are held at once: 20 MB."""


@dataclass(frozen=True, kw_only=True)
class Evolution:
    """Both numbers, and their difference by its causes, in GeV.

    `steps` adds the changes one after the other in the changelog's order, so they add up to the
    difference; `alone` makes each change by itself. Where the two differ, changes act on each
    other. `errors` has the standard error of every number by the name that `numbers` gives it.
    """

    first: float
    second: float
    steps: Mapping[str, float]
    alone: Mapping[str, float]
    errors: Mapping[str, float]
    correlation: float


def compare(events: Events, seed: int) -> Evolution:
    """Return how revision 2 differs from revision 1 on the same events.

    Raises AnalysisError where a change is missing in the changelog.
    """
    names = tuple(revision_2.CHANGELOG)
    first = revision_1.measure(events)
    require_same(first, revision_2.measure(events, ()))
    added = [revision_2.measure(events, names[:count]) for count in range(len(names) + 1)]
    single = [revision_2.measure(events, (name,)) for name in names]
    variants = [first, *added[1:], *single]
    values = np.array([each.estimate() for each in variants])
    replicas = resampled(variants, seed)
    last = len(names)
    ends = replicas[:, [0, last]]
    numbers = {"first": ends[:, 0], "second": ends[:, 1], "difference": ends[:, 1] - ends[:, 0]}
    for index, name in enumerate(names):
        numbers[f"step {name}"] = replicas[:, index + 1] - replicas[:, index]
        numbers[f"alone {name}"] = replicas[:, last + 1 + index] - replicas[:, 0]
    return Evolution(
        first=float(values[0]),
        second=float(values[last]),
        steps={name: float(values[i + 1] - values[i]) for i, name in enumerate(names)},
        alone={name: float(values[last + 1 + i] - values[0]) for i, name in enumerate(names)},
        errors={name: float(each.std(ddof=1)) for name, each in numbers.items()},
        correlation=float(np.corrcoef(ends[:, 0], ends[:, 1])[0, 1]),
    )


def require_same(first: Terms, second: Terms) -> None:
    """Raise AnalysisError unless revision 2 without its changes is revision 1, event by event."""
    other = np.flatnonzero(
        (first.numerator != second.numerator) | (first.denominator != second.denominator)
    )
    if other.size:
        raise AnalysisError(
            f"revision 2 without the changes of its changelog differs from revision 1 in "
            f"{other.size} events, the first of them number {other[0]}: a change is missing in "
            "CHANGELOG of revision_2.py"
        )


def resampled(variants: Sequence[Terms], seed: int) -> Floats:
    """Return the estimates (columns) of bootstrap samples (rows).

    Each sample gives every event a Poisson weight, the same in all estimates: so what two of them
    have in common cancels in their difference.
    """
    columns = np.column_stack([part for each in variants for part in _parts(each)])
    random = np.random.default_rng([seed, 1])  # apart from the events' own numbers
    rows, sums = max(1, AT_ONCE // len(columns)), []
    for begin in range(0, REPLICAS, rows):
        count = min(rows, REPLICAS - begin)
        sums.append(random.poisson(1.0, (count, len(columns))).astype(float) @ columns)
    together = np.concatenate(sums)
    return np.asarray(together[:, 0::2] / together[:, 1::2])


def _parts(terms: Terms) -> tuple[Floats, Floats]:
    return terms.numerator, terms.denominator
