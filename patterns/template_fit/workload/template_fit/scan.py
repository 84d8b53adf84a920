"""The analysis: Asimov closure, a pseudo-experiment, and the scan over the systematics."""

import json
from collections.abc import Mapping

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import model as statistical
from .fit import Fit, asimov, fit, toy
from .plot import draw

INJECTED_MU = 1.2
INJECTED_MU_W = 0.9
PLOT_KEY = "scan.png"
WORKSPACE_KEY = "workspace.json"


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Do every fit, and store the plot, the workspace of the closure and, last, the outcome."""
    seed = environment.integer("SEED", 0, 2**63 - 1)
    numbers = scan_numbers(environment)
    withdraw(store)
    model = statistical.model(statistical.NAMED)
    closure = fit(model, asimov(model, INJECTED_MU, INJECTED_MU_W))
    report(f"Asimov closure: {_rates(closure)} (injected: {INJECTED_MU:g}, {INJECTED_MU_W:g})")
    experiment = fit(model, toy(model, INJECTED_MU, INJECTED_MU_W, seed))
    report(f"pseudo-experiment of seed {seed}: {_rates(experiment)}")
    scan = {}
    for number in numbers:
        scan[number] = _scanned(number)
        report(f"{number} systematics: {_rates(scan[number])} in {scan[number].seconds:.3f} s")
    store.put(PLOT_KEY, draw(scan, INJECTED_MU), "image/png")
    store.put(WORKSPACE_KEY, _workspace(), "application/json")
    publish(
        store,
        Outcome(
            pattern="template-fit",
            values={
                **_values("Asimov", closure),
                **_values("pseudo-experiment", experiment),
                **_scan_values(scan),
            },
            parameters={
                "seed": seed,
                "scan": ",".join(map(str, numbers)),
                "injected mu": INJECTED_MU,
                "injected mu_W": INJECTED_MU_W,
            },
            metrics={
                f"fit with {number} systematics (s)": each.seconds for number, each in scan.items()
            },
            files={"scan": PLOT_KEY, "workspace": WORKSPACE_KEY},
            libraries=("pyhf", "iminuit", "numpy", "scipy"),
        ),
    )
    report("stored outcome.json")


def scan_numbers(environment: Environment) -> tuple[int, ...]:
    """Return the numbers of systematics in SCAN: rising, with commas between them."""
    text = environment.text("SCAN")
    most = statistical.MOST_SYSTEMATICS
    try:
        numbers = tuple(int(each) for each in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or list(numbers) != sorted(set(numbers)):
        raise AnalysisError(f"SCAN: {text!r} are no rising whole numbers such as 0,6,12")
    if not 0 <= numbers[0] <= numbers[-1] <= most:
        raise AnalysisError(f"SCAN: {text!r}: each number has to be between 0 and {most}")
    return numbers


def _scanned(systematics: int) -> Fit:
    model = statistical.model(systematics)
    return fit(model, asimov(model, INJECTED_MU, INJECTED_MU_W))


def _workspace() -> bytes:
    """Return the workspace of the closure as pyhf and the fitting service read it."""
    model = statistical.model(statistical.NAMED)
    expected = asimov(model, INJECTED_MU, INJECTED_MU_W)
    workspace = statistical.workspace(statistical.NAMED)
    for each in workspace["observations"]:  # pyhf has the channels in an order of its own
        each["data"] = expected[model.config.channel_slices[each["name"]]].tolist()
    return (json.dumps(workspace, indent=2) + "\n").encode()


def _rates(found: Fit) -> str:
    return (
        f"mu = {found.mu:.4f} +- {found.mu_error:.4f}, "
        f"mu_W = {found.mu_w:.4f} +- {found.mu_w_error:.4f}"
    )


def _values(which: str, found: Fit) -> dict[str, float]:
    return {
        f"mu ({which})": found.mu,
        f"mu error ({which})": found.mu_error,
        f"mu_W ({which})": found.mu_w,
        f"mu_W error ({which})": found.mu_w_error,
    }


def _scan_values(scan: Mapping[int, Fit]) -> dict[str, float]:
    return {
        name: value
        for number, each in scan.items()
        for name, value in {
            f"mu with {number} systematics": each.mu,
            f"mu error with {number} systematics": each.mu_error,
        }.items()
    }
