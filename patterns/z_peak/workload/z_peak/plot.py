"""Draw the spectrum with the fit, and below it the pull of every bin."""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .fit import PeakFit, Spectrum
from .model import expected_below
from .reference import Z_WIDTH_GEV

# The curves are drawn this much finer than the histogram.
_POINTS_A_BIN = 10
_COLOURS = {"fit": "#c1272d", "signal": "#0062a8", "background": "#6b6b6b"}


def draw(spectrum: Spectrum, fit: PeakFit) -> bytes:
    """Return a PNG of 1350 x 1200 pixels: data, fit and its two parts above, pulls below."""
    figure = Figure(figsize=(9, 8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)  # draws to memory: there is no display in a pod
    main, pulls = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [3.2, 1], "hspace": 0.03}
    )
    _draw_spectrum(main, spectrum, fit)
    _draw_pulls(pulls, spectrum, fit)
    for axes in (main, pulls):
        axes.tick_params(which="both", direction="in", top=True, right=True)
        axes.minorticks_on()
    figure.align_ylabels()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_spectrum(axes: Axes, spectrum: Spectrum, fit: PeakFit) -> None:
    edges = spectrum.edges
    filled = spectrum.counts > 0  # the scale is logarithmic
    axes.errorbar(
        ((edges[:-1] + edges[1:]) / 2)[filled],
        spectrum.counts[filled],
        yerr=np.sqrt(spectrum.counts[filled]),
        fmt="o",
        color="black",
        markersize=3,
        linewidth=1,
        label=f"Generated data ({spectrum.events} pairs)",
    )
    fine = np.linspace(edges[0], edges[-1], _POINTS_A_BIN * len(spectrum.counts) + 1)
    centres = (fine[:-1] + fine[1:]) / 2
    parts = {
        "fit": ("-", "Fit", dict(fit.values)),
        "signal": ("--", "Z signal (Voigt)", {**fit.values, "background": 0.0}),
        "background": (":", "Background (exponential)", {**fit.values, "signal": 0.0}),
    }
    for name, (style, label, values) in parts.items():
        per_bin = np.diff(expected_below(fine, **values)) * _POINTS_A_BIN
        axes.plot(centres, per_bin, style, color=_COLOURS[name], linewidth=1.6, label=label)
    axes.set_yscale("log")
    axes.set_ylim(bottom=max(0.5, 0.3 * fit.values["background"] / len(spectrum.counts)))
    axes.set_ylabel(f"Events / {edges[1] - edges[0]:g} GeV")
    axes.set_title("Z → μ⁺μ⁻, generated sample", loc="left")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[-1:] + handles[:-1], labels[-1:] + labels[:-1], loc=2, frameon=False)
    axes.text(0.97, 0.95, _summary(fit), transform=axes.transAxes, ha="right", va="top")


def _summary(fit: PeakFit) -> str:
    values, errors = fit.values, fit.errors
    return "\n".join(
        [
            rf"$m_Z = {values['m_z']:.4f} \pm {errors['m_z']:.4f}$ GeV",
            rf"$\sigma = {values['sigma']:.3f} \pm {errors['sigma']:.3f}$ GeV",
            rf"$N_Z = {values['signal']:.0f} \pm {errors['signal']:.0f}$",
            rf"$\Gamma_Z = {Z_WIDTH_GEV:g}$ GeV (fixed)",
            rf"$\chi^2/\mathrm{{ndf}} = {fit.chi2:.1f}/{fit.ndf}$",
        ]
    )


def _draw_pulls(axes: Axes, spectrum: Spectrum, fit: PeakFit) -> None:
    edges = spectrum.edges
    expected = np.diff(expected_below(edges, **fit.values))
    pulls = (spectrum.counts - expected) / np.sqrt(expected)
    axes.axhspan(-2, 2, color="0.92")
    axes.axhspan(-1, 1, color="0.82")
    axes.bar((edges[:-1] + edges[1:]) / 2, pulls, width=np.diff(edges), color=_COLOURS["signal"])
    axes.axhline(0, color="black", linewidth=0.8)
    reach = max(4.0, float(np.abs(pulls).max()) + 0.5)
    axes.set_ylim(-reach, reach)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylabel("(data $-$ fit) / √fit")
    axes.set_xlabel("Dimuon invariant mass [GeV]")
