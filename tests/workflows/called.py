"""A workflow that runs: its jobs in the order of their needs, and those that they call."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.workflows.expressions import Evaluator, Strict
from tests.workflows.job import Job
from tests.workflows.record import Ran, Run, known

if TYPE_CHECKING:
    from tests.workflows.hub import Hub

JOB_KEYS = {
    *("name", "needs", "if", "runs-on", "timeout-minutes", "environment", "concurrency", "steps"),
    *("permissions", "outputs", "strategy", "env", "uses", "with", "secrets"),
}


@dataclass
class Called:
    """A workflow that runs: as a whole, or called by a job of another one."""

    hub: Hub
    run: Run
    workflow: dict[str, Any]
    file: str
    event: str
    revision: str
    payload: Mapping[str, Any]
    inputs: Mapping[str, Any]
    trusted: bool
    ref: str
    caller: str = ""
    rights: Mapping[str, str] | None = None
    inherits: bool = True

    def run_jobs(self, chosen: Sequence[str] = ()) -> dict[str, Ran]:
        """Run the jobs, each after those that it needs; return them by name."""
        defined = self.workflow["jobs"]
        results: dict[str, Ran] = {}
        waiting = {name: job for name, job in defined.items() if not chosen or name in chosen}
        while waiting:
            ready = [name for name in waiting if set(_needs(waiting[name])) <= set(results)]
            assert ready, f"{self.file}: jobs that wait for each other: {', '.join(waiting)}"
            for name in ready:
                results[name] = self._job(name, waiting.pop(name), results)
        return results

    def _job(self, name: str, job: dict[str, Any], results: Mapping[str, Ran]) -> Ran:
        known(job, JOB_KEYS, f"{self.file}: {name}")
        needs = Strict(
            {
                each: {"result": results[each].result, "outputs": Strict(results[each].outputs)}
                for each in _needs(job)
            }
        )
        evaluator = Evaluator(self.contexts(needs=needs), _status(needs, results, job))
        if not evaluator.condition(job.get("if")):
            return self._note(name, Ran(name, "skipped"))
        if "uses" in job:
            return self._note(name, self._call(name, job, evaluator))
        parts = [
            self._note(
                f"{name} {' '.join(map(str, matrix.values()))}".strip(),
                Job(self, name, job, needs, matrix).work(),
            )
            for matrix in _matrix(job, evaluator)
        ]
        failed = any(part.result == "failure" for part in parts)
        outputs = parts[-1].outputs if parts else {}
        return Ran(name, "failure" if failed else "success", outputs=outputs)

    def _note(self, name: str, ran: Ran) -> Ran:
        self.run.jobs[f"{self.caller}{name}"] = ran
        return ran

    def _call(self, name: str, job: dict[str, Any], evaluator: Evaluator) -> Ran:
        """Run the workflow that a job calls."""
        file = job["uses"].removeprefix("./.github/workflows/")
        workflow = self.hub.workflow(self.revision, file)
        declared = workflow["on"]["workflow_call"]["inputs"]
        given = {key: evaluator.whole(value) for key, value in job["with"].items()}
        assert set(given) == set(declared), f"{file} takes {', '.join(declared)}"
        called = Called(
            self.hub,
            self.run,
            workflow,
            file,
            self.event,
            self.revision,
            self.payload,
            Strict(given),
            self.trusted,
            self.ref,
            caller=f"{self.caller}{name}/",
            rights=job.get("permissions", self.workflow["permissions"]),
            inherits=job.get("secrets") == "inherit",
        )
        results = called.run_jobs()
        failed = any(ran.result == "failure" for ran in results.values())
        return Ran(name, "failure" if failed else "success")

    def contexts(self, **more: Any) -> dict[str, Any]:
        """Return what expressions of the workflow can name."""
        github = Strict(
            {
                "event": dict(self.payload),
                "event_name": self.event,
                "sha": self.revision,
                "ref": self.ref,
                "run_id": self.run.number,
                "repository": self.hub.api.name,
                **({"token": more.pop("token")} if "token" in more else {}),
            }
        )
        return {"github": github, "inputs": self.inputs, "vars": dict(self.hub.variables), **more}

    def rights_of(self, job: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what the token of a job may do; a called workflow's never more than the call's."""
        wanted: Mapping[str, str] = job.get("permissions", self.workflow["permissions"])
        if not self.trusted:
            return dict.fromkeys(wanted, "read")
        if self.rights is not None:
            too_much = {
                key
                for key, value in wanted.items()
                if value == "write" and self.rights.get(key) != "write"
            }
            assert not too_much, f"{self.file} wants more than {self.caller} gives: {too_much}"
        return wanted


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def _matrix(job: Mapping[str, Any], evaluator: Evaluator) -> list[dict[str, Any]]:
    strategy = job.get("strategy")
    if strategy is None:
        return [{}]
    known(strategy, {"fail-fast", "matrix"}, "strategy")
    axes = {name: evaluator.whole(values) for name, values in strategy["matrix"].items()}
    assert all(axes.values()), f"a matrix without values is an error at GitHub: {axes}"
    return [dict(zip(axes, each, strict=True)) for each in itertools.product(*axes.values())]


def _status(
    needs: Mapping[str, Any], results: Mapping[str, Ran], job: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the functions of a job's condition: they look at all that it needs."""
    results_of = [each["result"] for each in needs.values()]
    return {
        "success": lambda: all(result == "success" for result in results_of),
        "failure": lambda: "failure" in results_of,
        "always": lambda: True,
        "cancelled": lambda: False,
    }
