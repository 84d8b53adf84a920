"""What is searched for the least of: how badly a classifier does on events it has not learned from.

The classifier is kernel ridge regression on the labels. It has two hyper-parameters: `ridge`, how
strongly it is held back from following each event, and `gamma`, how near (the inverse square of a
distance) another event must be to count. Too little or too much of either does badly.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.kernel_ridge import KernelRidge  # type: ignore[import-untyped]

from .sample import Sample

FOLDS = 5
REVISION = 1
"""Of all that the loss depends on beside the settings: another one is another study."""


@dataclass(frozen=True)
class Candidate:
    """One choice of the hyper-parameters; both are positive."""

    ridge: float
    gamma: float


RIDGE_RANGE = (1e-4, 1e2)
GAMMA_RANGE = (1e-2, 1e3)
"""What is searched, on a logarithmic scale."""

DEFAULTS = Candidate(ridge=1.0, gamma=1.0)
"""Those of scikit-learn for features of the order of one: the first trial, to compare with."""


def loss(sample: Sample, candidate: Candidate) -> float:
    """Return the mean square of (prediction - label) in five-fold cross-validation.

    Every fifth event is left out in turn, learned without, and predicted. 1 is what a classifier
    has that knows nothing and says 0.
    """
    total = 0.0
    folds = np.arange(len(sample.labels)) % FOLDS
    for fold in range(FOLDS):
        out = folds == fold
        model = KernelRidge(alpha=candidate.ridge, kernel="rbf", gamma=candidate.gamma)
        model.fit(sample.features[~out], sample.labels[~out])
        missed = model.predict(sample.features[out]) - sample.labels[out]
        total += float(missed @ missed)
    return total / len(sample.labels)
