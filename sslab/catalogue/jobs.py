"""Jobs that a site file describes: what they ask for takes the place of the contract's needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sslab.catalogue.contract import Contract
from sslab.catalogue.quantity import bytes_text, cores_text, total

JOBS = "jobs"
"""The setting of a pattern that has one entry a job."""

CPU, MEMORY = "250m", "512Mi"
"""What a job's pod requests where its entry does not say."""


def as_asked(contract: Contract, settings: Mapping[str, Any]) -> Contract:
    """Return a pattern's contract with what the jobs of its settings need, where it has any."""
    jobs = list(_jobs(settings))
    if not jobs:
        return contract
    accelerated = [each for _, each in jobs if each.get("gpu")]
    repositories = [name for _, each in jobs for name in each.get("cvmfs") or ()]
    needs = contract.needs.model_copy(
        update={
            "cpu": cores_text(total(str(each.get("cpu", CPU)) for _, each in jobs)),
            "memory": bytes_text(total(str(each.get("memory", MEMORY)) for _, each in jobs)),
            "gpu": sum(each["gpu"] for each in accelerated),
            "cvmfs": tuple(dict.fromkeys(repositories)),
        }
    )
    return contract.model_copy(update={"needs": needs})


def queues(settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each queue that a pattern's settings name, with the path of the setting."""
    if settings.get("queue") is not None:
        yield ("queue",), settings["queue"]
    for name, job in _jobs(settings):
        if job.get("queue") is not None:
            yield (JOBS, name, "queue"), job["queue"]


def _jobs(settings: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    jobs = settings.get(JOBS)
    if isinstance(jobs, Mapping):
        yield from ((name, job) for name, job in jobs.items() if isinstance(job, Mapping))
