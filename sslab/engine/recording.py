"""Recording: what a program asks Pulumi for, without engine, plugin, cluster or credentials.

A recorded resource is plain data:

    {"token": "kubernetes:core/v1:Secret",
     "name": "z-peak-s3", "urn": "...",         as Pulumi would know it
     "parent": "<urn>", "provider": "<urn>::<id>", "custom": true,      false: a component
     "inputs": {"metadata": {"name": "z-peak-s3"}, "stringData": {"access-key": "(secret)"}},
     "secrets": ["stringData"],                 paths in the inputs that Pulumi keeps encrypted
     "digests": [[["stringData", "access-key"], "..."]],                of the values behind them
     "depends_on": ["<urn>"], "aliases": ["<urn>"],                     what it may have been before
     "options": {"protect": true}}              also retain_on_delete, delete_before_replace,
                                                ignore_changes, replace_on_changes; set ones only

A secret reads `(secret)`, also each value of a Secret's `data` and `stringData`; its digest tells
whether two recordings have the same there, and nothing of a real secret, for both are made of
placeholders. Inputs become outputs, so what a preview would show as unknown is known here. This
file needs Pulumi alone: it is also run beside the code of other revisions, by
`sslab.engine.recorder`.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import importlib
import json
import runpy
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

PROJECT = "ssl"
HIDDEN = "(secret)"
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
STACK = "pulumi:pulumi:Stack"

Resource = dict[str, Any]


class LookupRefusedError(Exception):
    """The program needs something that exists only where something is deployed."""


class _Nothing(Mocks):
    """Answers nothing: the monitor below echoes by itself, and nothing can be looked up."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        raise LookupRefusedError(
            f"the program looks something up ({args.token}), which needs a deployment; "
            "take it from the site file or from a resource's outputs instead"
        )


class Monitor(MockMonitor):
    """Stands in for the engine: notes each resource, and its inputs become its outputs."""

    def __init__(self, stack: str, reveal: bool) -> None:
        super().__init__(_Nothing())
        self.recorded: list[Resource] = []
        self.stack = stack
        self._reveal = reveal
        self._former: dict[str, list[str]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN that the engine would give: with the whole chain of types."""
        chain = parent.split("::")[2] if parent else STACK
        qualified = type_ if chain == STACK else f"{chain}${type_}"
        return f"urn:pulumi:{self.stack}::{PROJECT}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Note a resource."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self._former[urn] = self._aliases(request)
        recorded = _resource(request, urn, self._reveal)
        self.recorded.append({**recorded, "aliases": self._former[urn]})
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"{request.name}-id", object=request.object
        )

    def _aliases(self, request: Any) -> list[str]:
        """Return the URNs that a resource may have had: its own aliases and its parents'."""
        urns = []
        for alias in request.aliases:
            spec = alias.spec
            parent = "" if spec.noParent else spec.parentUrn or request.parent
            urns.append(
                alias.urn
                or self.make_urn(parent, spec.type or request.type, spec.name or request.name)
            )
        parent_name = request.parent.rpartition("::")[2]
        for former in self._former.get(request.parent, ()):
            name = request.name
            if name.startswith(parent_name):  # as the engine takes it to be named after its parent
                name = former.rpartition("::")[2] + name.removeprefix(parent_name)
            urns.append(self.make_urn(former, request.type, name))
        return urns


def _resource(request: Any, urn: str, reveal: bool) -> Resource:
    inputs, secrets, digests = plain(
        json_format.MessageToDict(request.object), request.type, reveal
    )
    options = {
        "protect": request.protect,
        "retain_on_delete": request.retainOnDelete,
        "delete_before_replace": request.deleteBeforeReplace,
        "ignore_changes": list(request.ignoreChanges),
        "replace_on_changes": list(request.replaceOnChanges),
    }
    return {
        "token": request.type,
        "name": request.name,
        "urn": urn,
        "parent": request.parent,
        "provider": request.provider,
        "custom": request.custom,
        "inputs": inputs,
        "secrets": secrets,
        "digests": digests,
        "depends_on": sorted(set(request.dependencies)),
        "options": {name: value for name, value in options.items() if value},
    }


Digests = list[tuple[list[str], str]]


def plain(inputs: Any, token: str, reveal: bool) -> tuple[Any, list[str], Digests]:
    """Return inputs without the marks of secrets, the paths at which they were, and digests."""
    secrets: list[str] = []
    digests: Digests = []

    def walk(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            if value.get(SIGNATURE) == SECRET:
                secrets.append(path)
                inner = walk(value["value"], path)
                return inner if reveal else hidden(inner, path)
            return {
                key: walk(each, f"{path}.{key}" if path else key) for key, each in value.items()
            }
        if isinstance(value, list):
            return [walk(each, f"{path}.{index}") for index, each in enumerate(value)]
        if isinstance(value, float) and value.is_integer():
            return int(value)  # the wire knows floating-point numbers only
        return value

    def hidden(value: Any, path: str) -> Any:
        # a Secret's keys are no secret, pods name them; other mappings may have telling keys
        keys_shown = token == "kubernetes:core/v1:Secret" and path in ("data", "stringData")
        if keys_shown and isinstance(value, dict):
            digests.extend(([path, key], _digest(each)) for key, each in value.items())
            return dict.fromkeys(value, HIDDEN)
        digests.append((path.split("."), _digest(value)))
        return HIDDEN

    found = walk(inputs, "")
    return found, sorted(set(secrets)), sorted(digests)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def record(program: Callable[[], object], stack: str, *, reveal: bool = False) -> list[Resource]:
    """Run a program to its end without an engine, and return every resource it asked for.

    What the program raises is raised. `reveal` leaves secrets readable.
    """
    monitor = Monitor(stack, reveal)
    _run(program, monitor)
    return monitor.recorded


def _run(program: Callable[[], object], monitor: Monitor) -> None:
    def run() -> None:
        pulumi_settings.configure(
            pulumi_settings.Settings(
                project=PROJECT,
                stack=monitor.stack,
                monitor=monitor,
                engine=MockEngine(None),
                dry_run=False,
                organization="organization",
                root_directory=str(Path.cwd()),
            )
        )
        pulumi_settings.ROOT.set(None)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run_in_stack(lambda: _ignore(program())))
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    # Pulumi keeps the stack and all that belongs to it in context variables
    contextvars.copy_context().run(run)


def _ignore(_: object) -> None:
    """Return nothing, for Pulumi awaits what its program returns."""


class Placeholders(dict[str, str]):
    """The stack's configuration: every key of the project is there."""

    def __contains__(self, key: object) -> bool:
        """Tell whether a key is the project's."""
        return str(key).startswith(f"{PROJECT}:")

    def __missing__(self, key: str) -> str:
        """Return a text that tells which secret belongs there."""
        return f"placeholder-for-{key.partition(':')[2]}"


def record_site(
    tree: Path, site: str, values: Mapping[str, str] | None, judge: bool
) -> dict[str, Any]:
    """Run a tree's program for one site, and return the site's document."""
    monitor = Monitor(site, reveal=values is not None)
    known = Placeholders({f"{PROJECT}:{key}": value for key, value in (values or {}).items()})
    token = pulumi_config.CONFIG.set(known)
    error = findings = None
    try:
        _run(lambda: runpy.run_path(str(tree / "__main__.py"), run_name="__main__"), monitor)
        if judge:
            findings = _judge(tree, site, monitor.recorded)
    except BaseException as failure:
        error = _told(failure, tree)
    finally:
        pulumi_config.CONFIG.reset(token)
    resources = sorted(monitor.recorded, key=lambda each: str(each["urn"]))
    return {"site": site, "error": error, "resources": resources, "findings": findings}


def _judge(tree: Path, site: str, resources: Sequence[Resource]) -> Any:
    try:
        offline = importlib.import_module("policies.offline")
    except ModuleNotFoundError as missing:
        if missing.name in ("policies", "policies.offline"):
            return None
        raise
    return offline.judge(tree, site, resources)


def _told(failure: BaseException, tree: Path) -> str:
    """Return the one message of a failure; for what nobody expected, also the place."""
    told = (pulumi.RunError, LookupRefusedError)
    if isinstance(failure, told) or hasattr(failure, "remedy"):
        return str(failure)
    frames = traceback.extract_tb(failure.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(tree)]
    place = ""
    if ours:
        place = f" ({Path(ours[-1].filename).relative_to(tree)}:{ours[-1].lineno})"
    return f"{type(failure).__name__}: {failure}{place}"
