"""The run: yadage takes the workflow step by step; what it found is published last."""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import yaml
from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import checkpoints, step

CHUNKS: Final = 4
"""So many parts of the collisions are generated and selected apart."""
PATCH_KEY, LIMIT_KEY = "patch.json", "limit.json"
_FOLDER: Final = Path(__file__).parent


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Run the workflow, and store the patch, the limit and, last, the outcome."""
    given: dict[str, Any] = {
        "seed": environment.integer("SEED", 0, 2**32 - 1),
        "events": environment.integer("EVENTS", 1000, 1_000_000) // CHUNKS,
        "mass": environment.number("MASS_GEV", 220, 520),
        "cross_section": environment.number("CROSS_SECTION_FB", 0.01, 1000),
        "chunks": list(range(CHUNKS)),
    }
    engine = environment.text("YADAGE_RUN")
    version = environment.text("VERSION")
    started = time.monotonic()
    withdraw(store)
    checkpoints.drop_others(store, version)
    with tempfile.TemporaryDirectory() as folder:
        lines = _take_steps(engine, given, Path(folder), report)
        patch = (Path(folder) / "run" / "patch" / PATCH_KEY).read_bytes()
        limit = (Path(folder) / "run" / "limit" / LIMIT_KEY).read_bytes()
    found, signal = json.loads(limit), json.loads(patch)
    report(f"signal strength: below {found['observed']:.4f} (95 % CLs)")
    store.put(PATCH_KEY, patch, "application/json")
    store.put(LIMIT_KEY, limit, "application/json")
    earlier = sum("was done before" in line for line in lines)
    publish(
        store,
        Outcome(
            pattern="reinterpretation",
            values=_values(found, signal, given["cross_section"]),
            parameters={
                "seed": given["seed"],
                "events": given["events"] * CHUNKS,
                "mass (GeV)": given["mass"],
                "cross section (fb)": given["cross_section"],
            },
            metrics={
                "workflow (s)": time.monotonic() - started,
                "steps": len(lines),
                "steps of an earlier attempt": earlier,
            },
            files={"patch": PATCH_KEY, "limit": LIMIT_KEY},
            libraries=("pyhf", "iminuit", "numpy", "scipy"),
        ),
    )
    report("stored outcome.json")


def _take_steps(engine: str, given: dict[str, Any], folder: Path, report: Report) -> list[str]:
    """Let yadage run the workflow in a folder, and return what its steps have reported.

    Raises AnalysisError with what the step said that failed, or the engine's last words.
    """
    told = folder / "parameters.yml"
    told.write_text(yaml.safe_dump(given), encoding="utf-8")
    command = [engine, str(folder / "run"), "workflow.yml", str(told), "-t", str(_FOLDER)]
    process = subprocess.Popen(
        [*command, "-b", "multiproc:2", "-v", "ERROR"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    done, wrong, last = [], "", ""
    with process:
        assert process.stdout is not None  # it is a pipe
        for line in map(str.rstrip, process.stdout):
            if line.startswith(step.DONE):
                report(line)
                done.append(line)
            elif line.startswith(step.WRONG):
                wrong = wrong or line.removeprefix(step.WRONG)
            last = line or last
    if process.returncode:
        raise AnalysisError(
            f"the step {wrong}" if wrong else f"yadage ended with {process.returncode}: {last}"
        )
    return done


def _values(
    found: dict[str, Any], signal: dict[str, Any], cross_section: float
) -> dict[str, float]:
    return {
        "signal strength limit": found["observed"],
        "expected signal strength limit": found["expected"][2],
        "cross section limit (fb)": found["observed"] * cross_section,
        "expected cross section limit (fb)": found["expected"][2] * cross_section,
        "CLs": found["cls_observed"],
        "expected CLs": found["cls_expected"],
        "selected share": sum(signal["selected"]) / signal["generated"],
    }
