"""Draw the learnt log likelihood ratio against the exact one, and both likelihoods of theta."""

import io
from collections.abc import Mapping

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .collisions import Floats
from .inference import Estimate, Loss

_POINTS = 25


def draw(
    exact: Floats, learnt: Floats, curves: Mapping[str, tuple[Loss, Estimate]], true_theta: float
) -> bytes:
    """Return a PNG: the ratios of many collisions, and the curves over four errors around theta."""
    figure = Figure(figsize=(11, 5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)  # draws to memory: there is no display in a pod
    ratios, likelihoods = figure.subplots(1, 2)
    span = (float(exact.min()), float(exact.max()))
    ratios.hexbin(exact, learnt, gridsize=60, bins="log", cmap="viridis", mincnt=1)
    ratios.plot(span, span, color="#c1272d", linewidth=1)
    ratios.set_xlabel("Exact log likelihood ratio")
    ratios.set_ylabel("Learnt log likelihood ratio")
    first = next(iter(curves.values()))[1]
    thetas = np.linspace(first.theta - 4 * first.error, first.theta + 4 * first.error, _POINTS)
    for (name, (loss, found)), style in zip(curves.items(), ("k-", "C0--"), strict=True):
        likelihoods.plot(
            thetas,
            [loss(theta) - found.loss for theta in thetas],
            style,
            label=f"{name}: {found.theta:.4f} ± {found.error:.4f}",
        )
    likelihoods.axvline(true_theta, color="0.6", linestyle=":", label=f"generated: {true_theta:g}")
    likelihoods.axhline(1, color="0.8", linewidth=0.8)
    likelihoods.set_ylim(0, 12)
    likelihoods.set_xlabel(r"$\theta$")
    likelihoods.set_ylabel(r"$-2\,\Delta\log L$")
    likelihoods.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
