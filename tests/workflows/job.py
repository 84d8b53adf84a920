"""One job: a machine, a workspace, the steps."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.workflows.actions import ACTIONS, ActionError
from tests.workflows.expressions import Evaluator, Strict
from tests.workflows.record import Ran, Step, known

if TYPE_CHECKING:
    from tests.workflows.called import Called

STEP_KEYS = {"id", "name", "if", "run", "uses", "with", "env", "shell"}
SHELLS = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail"),
}
STEP_S = 900


class Job:
    """One job on a machine of its own: a workspace, a token, the steps one after the other."""

    def __init__(
        self,
        called: Called,
        name: str,
        job: dict[str, Any],
        needs: Mapping[str, Any],
        matrix: Mapping[str, Any],
    ) -> None:
        self.called, self.hub, self.run = called, called.hub, called.run
        self.revision = called.revision
        self.rights = called.rights_of(job)
        self.token = secrets.token_hex(8)
        self.hub.api.tokens[self.token] = self.rights
        self._name, self._job = name, job
        unique = "-".join((str(self.run.number), called.caller.strip("/"), name, *matrix.values()))
        self._folder = self.hub.folder / "machines" / re.sub(r"[^\w.-]+", "-", unique)
        self.workspace = self._folder / "workspace"
        self.temp = self._folder / "temp"
        self.temp.mkdir(parents=True)
        self.workspace.mkdir()
        self._steps: dict[str, dict[str, Any]] = {
            step["id"]: {"outcome": "", "outputs": {}} for step in job["steps"] if "id" in step
        }
        self._failed = False
        self._environment: dict[str, str] = {}
        self._contexts = called.contexts(
            token=self.token,
            needs=needs,
            matrix=Strict(matrix),
            steps=Strict(self._steps),
            runner=Strict({"temp": str(self.temp), "os": "Linux"}),
        )
        plain = self._evaluator()
        environment = plain.text(job.get("environment", ""))
        kept = self.hub.environments.get(environment, {}) if environment else {}
        self._contexts["secrets"] = dict(kept) if called.trusted and called.inherits else {}
        group = (job.get("concurrency") or {}).get("group", "")
        self._ran = Ran(name, "success", group=plain.text(group))
        _common = called.workflow.get("concurrency") or {}
        plain.text(_common.get("group", ""))

    def work(self) -> Ran:
        """Run the steps and return what became of them."""
        for step in self._job["steps"]:
            known(step, STEP_KEYS, f"{self.called.file}: {self._name}")
            self._ran.steps.append(self._step(step))
        evaluator = self._evaluator()
        self._ran.outputs = {
            name: evaluator.text(value) for name, value in self._job.get("outputs", {}).items()
        }
        self._ran.result = "failure" if self._failed else "success"
        summaries = sorted(self._folder.glob("summary-*"))
        self._ran.summary = "".join(path.read_text() for path in summaries)
        return self._ran

    def _evaluator(self, environment: Mapping[str, str] | None = None) -> Evaluator:
        functions: dict[str, Callable[..., Any]] = {
            "success": lambda: not self._failed,
            "failure": lambda: self._failed,
            "always": lambda: True,
            "cancelled": lambda: False,
            "hashfiles": self._hash,
        }
        return Evaluator({**self._contexts, "env": dict(environment or {})}, functions)

    def _hash(self, *patterns: str) -> str:
        digest = hashlib.sha256()
        for path in sorted({each for pattern in patterns for each in self._matching(pattern)}):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _matching(self, pattern: str) -> Iterator[Path]:
        return (each for each in self.workspace.glob(f"{pattern}/*") if each.is_file())

    def _step(self, step: dict[str, Any]) -> Step:
        name = step.get("name") or step.get("run") or step["uses"].partition("@")[0]
        made = Step(name)
        evaluator = self._evaluator(self._environment)
        if not evaluator.condition(step.get("if")):
            made.outcome = "skipped"
        else:
            try:
                made.outcome = self._do(step, made)
            except ActionError as error:
                made.log, made.outcome = f"{error}\n", "failure"
            self._failed |= made.outcome == "failure"
        if "id" in step:
            self._steps[step["id"]].update(outcome=made.outcome, outputs=made.outputs)
        return made

    def _do(self, step: dict[str, Any], made: Step) -> str:
        evaluator = self._evaluator(self._environment)
        if "uses" in step:
            action, _, _ = step["uses"].partition("@")
            assert action in ACTIONS, f"the harness does not know the action {action}"
            given = {key: evaluator.text(_scalar(value)) for key, value in step["with"].items()}
            ACTIONS[action](self, given)
            return "success"
        self.hub.ran.add((self.called.file, self._name, step["run"]))
        number = len(self._ran.steps)
        files = {
            variable: self._folder / f"{kind}-{number:02}"
            for variable, kind in (
                ("GITHUB_OUTPUT", "output"),
                ("GITHUB_ENV", "env"),
                ("GITHUB_STEP_SUMMARY", "summary"),
            )
        }
        for path in files.values():
            path.touch()
        own = {
            key: evaluator.text(_scalar(value))
            for source in (self._job.get("env", {}), step.get("env", {}))
            for key, value in source.items()
        }
        script = self._folder / f"script-{number:02}.sh"
        script.write_text(evaluator.text(step["run"]))
        done = subprocess.run(
            [*SHELLS[step.get("shell", "")], str(script)],
            cwd=self.workspace,
            env={
                **self._variables(),
                **{name: str(path) for name, path in files.items()},
                **self._environment,
                **own,
            },
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, timeout=STEP_S,
        )  # fmt: skip
        made.log = done.stdout
        made.outputs = _assignments(files["GITHUB_OUTPUT"])
        self._environment |= _assignments(files["GITHUB_ENV"])
        return "success" if done.returncode == 0 else "failure"

    def _variables(self) -> dict[str, str]:
        """Return what GitHub's machines set, over what this one is started with."""
        event = self._folder / "event.json"
        event.write_text(json.dumps(self.called.payload))
        kept = ("PATH", "HOME", "LANG", "USER", "GOPROXY", "GOFLAGS")
        modules = {"PYTHONPATH": str(self.workspace)} if (self.workspace / "sslab").exists() else {}
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **modules,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.hub.api.address,
            "GITHUB_EVENT_NAME": self.called.event,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_JOB": self._name,
            "GITHUB_REF": self.called.ref,
            "GITHUB_REPOSITORY": self.hub.api.name,
            "GITHUB_RUN_ID": str(self.run.number),
            "GITHUB_SERVER_URL": "https://git.example.edu",
            "GITHUB_SHA": self.revision,
            "GITHUB_WORKFLOW": self.run.name,
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_ENVIRONMENT": "self-hosted",
            "RUNNER_TEMP": str(self.temp),
            **self.hub.machine,
        }


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _assignments(path: Path) -> dict[str, str]:
    """Read what a step has written for GitHub: `name=value`, or a block up to its end."""
    found: dict[str, str] = {}
    lines = iter(path.read_text().splitlines())
    for line in lines:
        block = re.fullmatch(r"([\w-]+)<<(\w+)", line)
        if block:
            found[block[1]] = "\n".join(itertools.takewhile(lambda each: each != block[2], lines))  # noqa: B023
        else:
            name, sign, value = line.partition("=")
            assert sign, f"{path} has the line {line!r}"
            found[name] = value
    return found
