"""The analysis: generate decays, store them, read them back, fit, draw."""

import time

from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from .amplitude import Coefficients
from .fit import PARAMETERS, Fit, as_values, fit
from .generate import generate
from .plot import draw
from .rootfile import from_root, to_root

GENERATED = Coefficients(rho=0.7, rho_phase=2.0, nonresonant=0.4, nonresonant_phase=-1.0)
PLOT_KEY = "dalitz.png"
FEWEST_EVENTS, MOST_EVENTS = 5000, 200_000
NAMES = {
    "rho": "rho / K* amplitude",
    "rho_phase": "rho phase (rad)",
    "nonresonant": "nonresonant / K* amplitude",
    "nonresonant_phase": "nonresonant phase (rad)",
}


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Do the whole analysis; what is fitted are the decays as storage gives them back."""
    seed = environment.integer("SEED", 0, 2**63 - 1)
    events = environment.integer("EVENTS", FEWEST_EVENTS, MOST_EVENTS)
    withdraw(store)
    started = time.perf_counter()
    sample = generate(GENERATED, seed, events)
    generated_s = time.perf_counter() - started
    report(f"generated {events} decays with seed {seed} out of {sample.tried} points")
    key = f"decays-seed{seed}-n{events}.root"
    store.put(key, to_root(sample.s12, sample.s23), "application/octet-stream")
    s12, s23 = from_root(store.get(key), events)
    report(f"stored {key} and read it back")
    started = time.perf_counter()
    found = fit(s12, s23)
    fitted_s = time.perf_counter() - started
    for line in _lines(found):
        report(line)
    store.put(PLOT_KEY, draw(s12, s23, found.coefficients), "image/png")
    publish(
        store,
        Outcome(
            pattern="generator-fit",
            values=_values(found),
            parameters={
                "seed": seed,
                "events": events,
                **{f"generated {NAMES[name]}": value for name, value in _generated().items()},
            },
            metrics={
                "generation (s)": generated_s,
                "fit (s)": fitted_s,
                "accepted share of points": events / sample.tried,
            },
            files={"dalitz": PLOT_KEY, "decays": key},
            libraries=("iminuit", "numpy", "uproot", "matplotlib"),
        ),
    )
    report("stored outcome.json")


def _generated() -> dict[str, float]:
    return as_values(GENERATED)


def _values(found: Fit) -> dict[str, float]:
    values, errors = as_values(found.coefficients), as_values(found.errors)
    numbers = {}
    for name in PARAMETERS:
        numbers[NAMES[name]] = values[name]
        numbers[f"{NAMES[name]}, error"] = errors[name]
    for name, share in found.fractions.items():
        numbers[f"fit fraction of {name}"] = share
        numbers[f"fit fraction of {name}, error"] = found.fraction_errors[name]
    numbers["sum of fit fractions"] = sum(found.fractions.values())
    numbers["chi2/ndf"] = found.chi2 / found.ndf
    return numbers


def _lines(found: Fit) -> list[str]:
    values, errors = as_values(found.coefficients), as_values(found.errors)
    return [
        *(f"{NAMES[name]} = {values[name]:.4f} +- {errors[name]:.4f}" for name in PARAMETERS),
        *(
            f"fit fraction of {name} = {share:.4f} +- {found.fraction_errors[name]:.4f}"
            for name, share in found.fractions.items()
        ),
        f"chi2/ndf = {found.chi2:.1f}/{found.ndf}",
    ]
