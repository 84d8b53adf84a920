"""GitHub itself: which workflow runs for what, with which secrets and rights."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.workflows.api import Api
from tests.workflows.called import Called
from tests.workflows.expressions import Strict
from tests.workflows.origin import Origin, git
from tests.workflows.record import Run, known

WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "jobs"}


@dataclass
class Hub:
    """GitHub: a repository, its API, its environments, and machines to run workflows on."""

    origin: Origin
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    ran: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._runs = itertools.count(1)

    @property
    def api(self) -> Api:
        """The stand-in for GitHub's REST API."""
        return self.origin.api

    @property
    def artifacts(self) -> Path:
        """Where runs keep what they upload."""
        return self.folder / "artifacts"

    def workflow(self, revision: str, file: str) -> dict[str, Any]:
        """Read a workflow of a revision."""
        text = git(self.origin.bare, "show", f"{revision}:.github/workflows/{file}")
        found: dict[str, Any] = YAML(typ="safe").load(text)
        known(found, WORKFLOW_KEYS, file)
        return found

    def pull_request(
        self, number: int, file: str = "pull-request.yml", jobs: Sequence[str] = ()
    ) -> Run:
        """Run a workflow for a pull request: without secrets, with a token that may only read."""
        pull = self.api.pulls[number]
        revision = git(self.origin.bare, "rev-parse", f"refs/pull/{number}/merge")
        event = {"pull_request": {"number": number, "head": pull["head"], "base": pull["base"]}}
        run = self.run(
            file,
            "pull_request",
            revision,
            event,
            jobs=jobs,
            trusted=False,
            ref=f"refs/pull/{number}/merge",
        )
        run.head = dict(pull["head"])
        return run

    def completed(self, run: Run, file: str = "comment.yml") -> Run:
        """Run what follows a run for a pull request: with the code of `main`, and with rights."""
        workflow = self.workflow("main", file)
        assert run.name in workflow["on"]["workflow_run"]["workflows"]
        event = {
            "workflow_run": {
                "id": run.number,
                "event": run.event,
                "conclusion": run.conclusion,
                "head_sha": run.head["sha"],
                "head_branch": run.head["ref"],
                "head_repository": run.head["repo"],
            }
        }
        return self.run(file, "workflow_run", self.main, event)

    def push_to_main(self, file: str = "deploy.yml") -> Run:
        """Run a workflow for a push to `main`."""
        workflow = self.workflow("main", file)
        assert "main" in workflow["on"]["push"]["branches"]
        return self.run(file, "push", self.main, {"ref": "refs/heads/main"})

    @property
    def main(self) -> str:
        """The commit of `main`."""
        return git(self.origin.bare, "rev-parse", "refs/heads/main")

    def run(
        self,
        file: str,
        event: str,
        revision: str,
        payload: Mapping[str, Any],
        *,
        inputs: Mapping[str, Any] | None = None,
        jobs: Sequence[str] = (),
        trusted: bool = True,
        ref: str = "refs/heads/main",
    ) -> Run:
        """Run a workflow of a revision, or some of its jobs; `ref` is where it was asked for."""
        workflow = self.workflow(revision, file)
        assert event in workflow["on"], f"{file} is not for {event}"
        declared: Mapping[str, Any] = {}
        if event == "workflow_dispatch":
            declared = (workflow["on"][event] or {}).get("inputs") or {}
        made = Run(next(self._runs), workflow["name"], event)
        given = Strict({name: (inputs or {}).get(name, "") for name in declared})
        if event == "push":
            # the same name as after a dispatch, and nothing in it
            others = (workflow["on"].get("workflow_dispatch") or {}).get("inputs") or {}
            given.update(dict.fromkeys(others))
        called = Called(self, made, workflow, file, event, revision, payload, given, trusted, ref)
        called.run_jobs(jobs)
        return made
