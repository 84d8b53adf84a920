"""The run: events, both revisions, their comparison, a report for people, the outcome."""

import hashlib
import math
import time
from pathlib import Path

from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import revision_1, revision_2
from .comparison import Evolution, compare
from .events import generate

REPORT_KEY = "report.md"


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Compare the revisions; an earlier outcome is withdrawn first."""
    started = time.monotonic()
    withdraw(store)
    seed = environment.integer("SEED", 0, 2**63 - 1)
    number = environment.integer("EVENTS", 5_000, 500_000)
    found = compare(generate(seed, number), seed)
    text = told(found)
    for line in text.splitlines():
        report(line)
    store.put(REPORT_KEY, text.encode(), "text/markdown; charset=utf-8")
    outcome = Outcome(
        pattern="ci-evolution",
        values=values(found),
        parameters={
            "seed": seed,
            "events": number,
            "revision 1": fingerprint(revision_1.__file__),
            "revision 2": fingerprint(revision_2.__file__),
        },
        metrics={"analysis (s)": time.monotonic() - started},
        files={"report": REPORT_KEY},
        libraries=["numpy"],
    )
    publish(store, outcome)


def values(found: Evolution) -> dict[str, float]:
    """Return the numbers of the outcome by name."""
    difference = found.second - found.first
    return {
        "mass, revision 1 (GeV)": found.first,
        "mass, revision 2 (GeV)": found.second,
        "difference (GeV)": difference,
        "difference error (GeV)": found.errors["difference"],
        "error if independent (GeV)": math.hypot(found.errors["first"], found.errors["second"]),
        "correlation": found.correlation,
        **{f"step {name} (GeV)": shift for name, shift in found.steps.items()},
        **{f"alone {name} (GeV)": shift for name, shift in found.alone.items()},
        "steps minus difference (GeV)": sum(found.steps.values()) - difference,
    }


def told(found: Evolution) -> str:
    """Return the report: what changed in the number, how well that is known, and why."""
    numbers = values(found)
    lines = [
        "# Revision 2 against revision 1",
        "",
        f"- revision 1: {_with_error(found.first, found.errors['first'])} GeV",
        f"- revision 2: {_with_error(found.second, found.errors['second'])} GeV",
        f"- difference: {_with_error(numbers['difference (GeV)'], found.errors['difference'])} GeV"
        f" (the same events: correlation {found.correlation:.2f}; independent samples would know "
        f"it to {numbers['error if independent (GeV)']:.4f})",
        "",
        "| change | added in this order | by itself | why |",
        "|---|---|---|---|",
    ]
    for name, why in revision_2.CHANGELOG.items():
        step = _with_error(found.steps[name], found.errors[f"step {name}"])
        alone = _with_error(found.alone[name], found.errors[f"alone {name}"])
        lines.append(f"| {name} | {step} | {alone} | {why} |")
    largest = max(found.steps, key=lambda name: abs(found.steps[name]))
    lines += ["", f"Most of it comes from the change `{largest}`."]
    return "\n".join(lines) + "\n"


def fingerprint(file: str) -> str:
    """Return the SHA-256 of a revision's source, which tells which code a number is of."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def _with_error(value: float, error: float) -> str:
    return f"{value:.4f} +- {error:.4f}"
