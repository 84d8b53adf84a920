"""Draw the scan: how long a fit takes and how well it measures, against the systematics."""

import io
from collections.abc import Mapping

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .fit import Fit


def draw(scan: Mapping[int, Fit], injected: float) -> bytes:
    """Return a PNG: seconds above, the fitted rate of top quark pairs with its error below."""
    figure = Figure(figsize=(7, 7), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)  # draws to memory: there is no display in a pod
    times, rates = figure.subplots(2, 1, sharex=True)
    numbers = list(scan)
    times.plot(numbers, [each.seconds for each in scan.values()], "o-", color="#0062a8")
    times.set_ylabel("Wall time of a fit [s]")
    times.set_ylim(bottom=0)
    times.set_title("Template fit, Asimov data", loc="left")
    rates.axhline(injected, color="0.5", linestyle="--", label=f"injected: {injected:g}")
    rates.errorbar(
        numbers,
        [each.mu for each in scan.values()],
        yerr=[each.mu_error for each in scan.values()],
        fmt="o",
        capsize=3,
        color="black",
        label="fitted",
    )
    rates.set_ylabel(r"Rate of $t\bar{t}$ / expected")
    rates.set_xlabel("Number of systematics")
    rates.legend(frameon=False)
    for axes in (times, rates):
        axes.tick_params(direction="in", top=True, right=True)
        axes.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
