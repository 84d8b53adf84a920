"""What a run of a workflow leaves: jobs, steps, what they printed and how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Step:
    """A step that was run, or skipped: what it printed, how it ended."""

    name: str
    outcome: str = ""
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Ran:
    """A job that was run, or skipped; `group` is its concurrency group."""

    name: str
    result: str
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    summary: str = ""
    group: str = ""

    @property
    def log(self) -> str:
        """What all steps have printed."""
        return "".join(f"-- {step.name}: {step.outcome}\n{step.log}" for step in self.steps)


@dataclass
class Run:
    """One run of a workflow and the jobs of it, those of called workflows among them.

    `head` is what was proposed, where the run is for a pull request.
    """

    number: int
    name: str
    event: str
    head: Mapping[str, Any] = field(default_factory=dict)
    jobs: dict[str, Ran] = field(default_factory=dict)

    @property
    def conclusion(self) -> str:
        """How it ended."""
        failed = any(job.result == "failure" for job in self.jobs.values())
        return "failure" if failed else "success"

    @property
    def log(self) -> str:
        """What all jobs have printed."""
        return "\n".join(f"== {name}\n{job.log}" for name, job in self.jobs.items())

    @property
    def summary(self) -> str:
        """The page of the run."""
        return "".join(job.summary for job in self.jobs.values())


def known(mapping: Mapping[str, Any], keys: set[str], where: str) -> None:
    unknown = set(mapping) - keys
    assert not unknown, f"{where}: the harness does not know {', '.join(sorted(unknown))}"
