"""The analysis: train, compare with the exact ratio, infer theta by both, draw."""

import time

import numpy as np
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from .classifier import LearntRatio, train
from .collisions import LARGEST_THETA, Collisions, Floats, generate, log_ratio
from .inference import Estimate, Loss, estimate
from .plot import draw

TRUE_THETA = 0.4
OBSERVED_EVENTS = 1000
PLOT_KEY = "ratios.png"
FEWEST_EVENTS, MOST_EVENTS = 100_000, 500_000
_COMPARED_THETAS, _COMPARED_EVENTS = 41, 1000


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Do the whole analysis, and store the plot and, last, the outcome."""
    seed = environment.integer("SEED", 0, 2**32 - 1)
    events = environment.integer("TRAINING_EVENTS", FEWEST_EVENTS, MOST_EVENTS)
    withdraw(store)
    observed = observed_collisions(seed)
    rng = np.random.default_rng([seed, 1])
    started = time.perf_counter()
    report(f"training with {events} collisions of either kind, seed {seed}")
    learnt = train(rng, events, seed)
    trained_s = time.perf_counter() - started
    exact_ratios, learnt_ratios = compared(rng, learnt)
    correlation = float(np.corrcoef(exact_ratios, learnt_ratios)[0, 1])
    report(f"learnt and exact log likelihood ratio: correlation {correlation:.4f}")

    def exact_loss(theta: float) -> float:
        return float(-2 * log_ratio(observed, theta).sum())

    def learnt_loss(theta: float) -> float:
        return float(-2 * learnt.log_ratio(observed, theta).sum())

    started = time.perf_counter()
    exact, found = estimate("exact", exact_loss), estimate("learnt", learnt_loss)
    inferred_s = time.perf_counter() - started
    report(f"theta, exact: {exact.theta:.4f} +- {exact.error:.4f} (generated: {TRUE_THETA:g})")
    report(f"theta, learnt: {found.theta:.4f} +- {found.error:.4f}")
    curves: dict[str, tuple[Loss, Estimate]] = {
        "exact": (exact_loss, exact),
        "learnt": (learnt_loss, found),
    }
    store.put(PLOT_KEY, draw(exact_ratios, learnt_ratios, curves, TRUE_THETA), "image/png")
    publish(
        store,
        Outcome(
            pattern="likelihood-inference",
            values={
                **_values(exact, found),
                "correlation of log ratios": correlation,
                "mean ratio before calibration": learnt.mean(TRUE_THETA),
            },
            parameters={
                "seed": seed,
                "training events": events,
                "observed events": OBSERVED_EVENTS,
                "generated theta": TRUE_THETA,
            },
            metrics={"training (s)": trained_s, "inference (s)": inferred_s},
            files={"ratios": PLOT_KEY},
            libraries=("scikit-learn", "iminuit", "numpy", "matplotlib"),
        ),
    )
    report("stored outcome.json")


def observed_collisions(seed: int) -> Collisions:
    """Return the collisions from which theta is inferred: not those of the training."""
    return generate(np.random.default_rng([seed, 0]), np.full(OBSERVED_EVENTS, TRUE_THETA))


def compared(rng: np.random.Generator, learnt: LearntRatio) -> tuple[Floats, Floats]:
    """Return both log likelihood ratios of new collisions of zero, for theta all over its range."""
    exact, ours = [], []
    for theta in np.linspace(-LARGEST_THETA, LARGEST_THETA, _COMPARED_THETAS):
        collisions = generate(rng, np.zeros(_COMPARED_EVENTS))
        exact.append(log_ratio(collisions, float(theta)))
        ours.append(learnt.log_ratio(collisions, float(theta)))
    return np.concatenate(exact), np.concatenate(ours)


def _values(exact: Estimate, learnt: Estimate) -> dict[str, float]:
    return {
        "theta (exact)": exact.theta,
        "theta error (exact)": exact.error,
        "theta (learnt)": learnt.theta,
        "theta error (learnt)": learnt.error,
        "learnt - exact theta": learnt.theta - exact.theta,
    }
