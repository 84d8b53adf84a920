"""What a pattern computes, in one plain process: no cluster, no other worker, objects in memory.

    python -m benchmarks.plain PATTERN

The settings come from the environment, as in the pattern's pods, and so does the code
(`PYTHONPATH`): the pattern's workload, and what the analysis image has.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from itertools import starmap
from typing import Any


def _memory() -> tuple[Any, Any]:
    """Return a store in memory, and a report that nobody reads."""
    module = importlib.import_module("tests.unit.patterns.memory_store")
    return module.MemoryStore(), module.silent


def _environment() -> Any:
    return importlib.import_module("ssl_analysis.settings").Environment(os.environ)


def in_one_job(module: str) -> Callable[[], object]:
    """Return the analysis of a pattern that is one Job of one pod, as its pod runs it."""
    return lambda: importlib.import_module(module).run(_environment(), *_memory())


def z_peak() -> object:
    """Generate, fit and draw."""
    job = importlib.import_module("z_peak.job")
    settings = importlib.import_module("z_peak.settings").Settings
    return job.run(settings.from_environment(os.environ), *_memory())


def fan_out() -> object:
    """Make the files, and one histogram after the other; add them up."""
    name = "fan_out.{}".format
    prepare, task, histogram, settings = (
        importlib.import_module(name(each)) for each in ("prepare", "task", "histogram", "settings")
    )
    store, silent = _memory()
    inputs = prepare.run(settings.Settings.of(_environment()), store, silent)
    found = starmap(task.analysed, ((each, store.get(each.key)) for each in inputs))
    return histogram.added(each.histogram for each in found)


def event_processing() -> object:
    """Make the files, and process one after the other."""
    name = "event_processing.{}".format
    inputs, work, settings = (
        importlib.import_module(name(each)) for each in ("inputs", "work", "settings")
    )
    store, silent = _memory()
    made = inputs.prepare(settings.Settings.of(_environment()), store, silent)
    return [work.analysed(each, store) for each in made]


def hyperparameter_search() -> object:
    """Do one trial after the other, of a study in memory."""
    import optuna
    from optuna.samplers import TPESampler

    name = "hyperparameter_search.{}".format
    objective, sample, study = (
        importlib.import_module(name(each)) for each in ("objective", "sample", "study")
    )
    seed = int(os.environ["SEED"])
    events = sample.generate(seed, int(os.environ["EVENTS"]))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    search = optuna.create_study(sampler=TPESampler(seed=seed))

    def loss(trial: Any) -> float:
        chosen = {
            name: trial.suggest_float(name, space.low, space.high, log=space.log)
            for name, space in study.SPACE.items()
        }
        return float(objective.loss(events, objective.Candidate(**chosen)))

    search.optimize(loss, n_trials=int(os.environ["TRIALS"]))
    return search.best_value


def reinterpretation() -> object:
    """Take the workflow's steps, one after the other."""
    step = importlib.import_module("reinterpretation.step")
    chunks = importlib.import_module("reinterpretation.workflow").CHUNKS
    given = {
        "seed": int(os.environ["SEED"]),
        "events": int(os.environ["EVENTS"]) // chunks,
        "mass": float(os.environ["MASS_GEV"]),
        "cross_section": float(os.environ["CROSS_SECTION_FB"]),
    }
    parts = [{**given, "chunk": chunk} for chunk in range(chunks)]
    selected = [step.select(each, [step.generate(each, [])]) for each in parts]
    return step.find_limit(given, [step.make_patch(given, selected)])


PLAIN: Mapping[str, Callable[[], object]] = {
    "ci-evolution": in_one_job("ci_evolution.evolution"),
    "event-processing": event_processing,
    "fan-out": fan_out,
    "generator-fit": in_one_job("generator_fit.analysis"),
    "hyperparameter-search": hyperparameter_search,
    "likelihood-inference": in_one_job("likelihood_inference.analysis"),
    "reinterpretation": reinterpretation,
    "template-fit": in_one_job("template_fit.scan"),
    "z-peak": z_peak,
}

if __name__ == "__main__":
    PLAIN[sys.argv[1]]()
