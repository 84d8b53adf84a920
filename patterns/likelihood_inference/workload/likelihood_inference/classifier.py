"""A network that tells collisions of theta from those of zero, and so learns their ratio.

It is trained with as many collisions of the one kind as of the other. The best possible classifier
says with which probability s a collision is of theta, and s / (1 - s) is the likelihood ratio.
Theta is an input of the network, so that one network serves for all of them.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
from ssl_analysis.errors import AnalysisError

from .collisions import LARGEST_THETA, Collisions, Floats, generate

_LAYERS = (32, 32)
_BATCH = 1000
# Epochs at each learning rate: large steps first, small ones to settle.
_SCHEDULE = ((5e-3, 10), (1e-3, 5), (2e-4, 5))
_CALIBRATION_EVENTS = 50_000


class LearntRatio:
    """The likelihood ratio as the network has it, calibrated.

    Over collisions of zero the mean of a true ratio is one at every theta. What the network's is
    instead, is divided out.
    """

    def __init__(self, network: MLPClassifier, calibration: Collisions) -> None:
        """Take a trained network, and collisions of zero that it was not trained with."""
        self._network = network
        self._calibration = calibration

    def mean(self, theta: float) -> float:
        """Return the mean of the network's own ratio over the calibration's collisions."""
        return float(np.exp(self._raw(self._calibration, theta)).mean())

    def log_ratio(self, collisions: Collisions, theta: float) -> Floats:
        """Return the learnt log p(collision | theta) - log p(collision | 0)."""
        return np.asarray(self._raw(collisions, theta) - np.log(self.mean(theta)))

    def _raw(self, collisions: Collisions, theta: float) -> Floats:
        log_shares = self._network.predict_log_proba(
            _features(collisions, np.full(len(collisions), theta))
        )
        return np.asarray(log_shares[:, 1] - log_shares[:, 0])


def train(rng: np.random.Generator, events: int, seed: int) -> LearntRatio:
    """Train with so many collisions of either kind, over all theta.

    Raises AnalysisError where the network has learnt nothing.
    """
    theta = rng.uniform(-LARGEST_THETA, LARGEST_THETA, events)
    kinds = (generate(rng, np.zeros(events)), generate(rng, theta))
    features = np.concatenate([_features(each, theta) for each in kinds])
    labels = np.repeat([0, 1], events)
    network = MLPClassifier(
        _LAYERS,
        activation="tanh",
        batch_size=_BATCH,
        tol=0.0,
        n_iter_no_change=1000,
        warm_start=True,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # each step of the schedule ends after its epochs, which scikit-learn warns of
        warnings.simplefilter("ignore", ConvergenceWarning)
        for rate, epochs in _SCHEDULE:
            network.set_params(learning_rate_init=rate, max_iter=epochs)
            network.fit(features, labels)
    if not network.loss_ < 0.99 * np.log(2):
        raise AnalysisError(
            f"the network has learnt nothing (its loss is {network.loss_:.4f}, a coin's is 0.6931);"
            " no result is stored"
        )
    return LearntRatio(network, generate(rng, np.zeros(_CALIBRATION_EVENTS)))


def _features(collisions: Collisions, theta: Floats) -> Floats:
    """Return the network's inputs, each around zero and of the size of one."""
    return np.stack(
        [1.5 * np.log1p(collisions.energy) - 1, 1.7 * collisions.cosine, 1.7 * theta], axis=1
    )
