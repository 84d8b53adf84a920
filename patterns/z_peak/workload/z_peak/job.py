"""The job from settings to result: generate, store, read back, fit, draw, store."""

import hashlib
import json
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from .errors import JobError
from .fit import PeakFit, Spectrum, fit_peak, mass_spectrum, opposite_sign
from .generate import generate
from .plot import draw
from .reference import M_Z_GEV, PLOT_KEY, RESULT_KEY
from .rootfile import content_sha256, from_root, to_root
from .settings import Settings
from .storage import ObjectStore

_LIBRARIES = ("numpy", "scipy", "uproot", "iminuit", "matplotlib", "boto3")


def run(settings: Settings, store: ObjectStore, report: Callable[[str], None]) -> dict[str, Any]:
    """Do the whole job and return the result that was stored.

    The result is removed first and written last, so that it exists only when the latest run
    succeeded. Every key depends on the settings alone: a repeat overwrites what it wrote.
    Raises JobError with one message when the storage fails or the fit is not valid.
    """
    started = time.monotonic()
    store.delete(RESULT_KEY)
    sample = _store_sample(settings, store, report)
    data = _read_back(settings.sample_key, sample["sha256"], store, report)
    pairs = from_root(data)
    opposite = int(opposite_sign(pairs).sum())
    spectrum = mass_spectrum(pairs)
    report(
        f"selected {opposite} opposite-sign pairs of {len(pairs)}, {spectrum.events} of them "
        f"between {spectrum.edges[0]:g} and {spectrum.edges[-1]:g} GeV"
    )
    fit = fit_peak(spectrum)
    if not fit.valid:
        raise JobError(
            f"the fit is not valid: {'; '.join(fit.problems)}; no result is stored (is the sample "
            f"of {settings.signal_events} signal and {settings.background_events} background "
            "events what was meant?)"
        )
    report(
        f"m_Z = {fit.values['m_z']:.4f} +- {fit.errors['m_z']:.4f} GeV, "
        f"chi2/ndf = {fit.chi2:.1f}/{fit.ndf}"
    )
    store.put(PLOT_KEY, draw(spectrum, fit), "image/png")
    report(f"stored {PLOT_KEY}")
    result = {
        **_fit_numbers(spectrum, fit),
        "seed": settings.seed,
        "signal_events": settings.signal_events,
        "background_events": settings.background_events,
        "opposite_sign_events": opposite,
        "sample": sample,
        "plot": PLOT_KEY,
        "versions": _versions(),
        "duration_s": round(time.monotonic() - started, 3),
    }
    store.put(RESULT_KEY, (json.dumps(result, indent=2) + "\n").encode(), "application/json")
    report(f"stored {RESULT_KEY}")
    return result


def _store_sample(
    settings: Settings, store: ObjectStore, report: Callable[[str], None]
) -> dict[str, Any]:
    """Generate and store the sample; return its key, size in bytes and checksums."""
    pairs = generate(settings.seed, settings.signal_events, settings.background_events)
    report(f"generated {len(pairs)} muon pairs with seed {settings.seed}")
    data = to_root(pairs)
    store.put(settings.sample_key, data, "application/octet-stream")
    report(f"stored {settings.sample_key} ({len(data)} bytes)")
    return {
        "key": settings.sample_key,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "content_sha256": content_sha256(pairs),
    }


def _read_back(
    key: str, expected_sha256: str, store: ObjectStore, report: Callable[[str], None]
) -> bytes:
    """Return the stored sample. Raises JobError when it is not what was written."""
    data = store.get(key)
    found = hashlib.sha256(data).hexdigest()
    if found != expected_sha256:
        raise JobError(
            f"{key} came back changed: SHA-256 {found}, written was {expected_sha256}; the object "
            "storage damages data, or two of these jobs write to one bucket at once"
        )
    report(f"read {key} back, SHA-256 {found}")
    return data


def _fit_numbers(spectrum: Spectrum, fit: PeakFit) -> dict[str, Any]:
    """The measured part of the result; masses in GeV, yields in events of the fit's window."""
    numbers: dict[str, Any] = {}
    for name in ("m_z", "sigma", "signal", "background", "slope"):
        numbers[name] = fit.values[name]
        numbers[f"{name}_error"] = fit.errors[name]
    return {
        "valid": fit.valid,
        **numbers,
        "generated_m_z": M_Z_GEV,
        "pull": (fit.values["m_z"] - M_Z_GEV) / fit.errors["m_z"],
        "chi2": fit.chi2,
        "ndf": fit.ndf,
        "n_events": spectrum.events,
    }


def _versions() -> dict[str, str]:
    """Versions of Python and of the libraries that the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
