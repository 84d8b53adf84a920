"""Draw the Dalitz plot, and the squared masses of both pairs with the fitted model."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .amplitude import S12_LIMITS, S23_LIMITS, Coefficients, Floats
from .generate import generate

_BINS = 80
_MODEL_SEED = 1
_MODEL_SHARE = 5


def draw(s12: Floats, s23: Floats, fitted: Coefficients) -> bytes:
    """Return a PNG; the model is a sample of the fitted coefficients, five times as large."""
    model = generate(fitted, _MODEL_SEED, _MODEL_SHARE * len(s12))
    figure = Figure(figsize=(15, 4.6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)  # draws to memory: there is no display in a pod
    plane, *projections = figure.subplots(1, 3)
    plane.hist2d(s12, s23, bins=_BINS, range=(S12_LIMITS, S23_LIMITS), cmin=1, cmap="viridis")
    names = (r"$m^2(K^0_S\,\pi^-)$ [GeV$^2$]", r"$m^2(\pi^-\pi^+)$ [GeV$^2$]")
    plane.set_xlabel(names[0])
    plane.set_ylabel(names[1])
    plane.set_title(f"{len(s12)} generated decays", loc="left")
    for axes, name, data, curve, limits in (
        (projections[0], names[0], s12, model.s12, S12_LIMITS),
        (projections[1], names[1], s23, model.s23, S23_LIMITS),
    ):
        found, edges = np.histogram(data, bins=_BINS, range=limits)
        expected, _ = np.histogram(curve, bins=edges)
        axes.stairs(expected / _MODEL_SHARE, edges, color="#c1272d", label="Fitted model")
        axes.errorbar(
            (edges[:-1] + edges[1:]) / 2,
            found,
            yerr=np.sqrt(found),
            fmt="ok",
            markersize=2.5,
            linewidth=0.8,
            label="Decays",
        )
        axes.set_xlabel(name)
        axes.set_ylabel(f"Decays / {edges[1] - edges[0]:.3f} GeV$^2$")
        axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
