"""What a killed deployment had begun: operations of which the state does not know the end.

Changes and deletions are settled by reading what is there. A creation may have made an object that
is not recorded. A Kubernetes object is taken over when it is applied again, by its name; what a
cloud makes has no name of its own, and would be made twice.

Each creation has a field manager of its own. The killed one's has to go, or it would keep fields
that the site file drops later, and refuse those that it changes.
"""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sslab.engine.errors import EngineError

CREATING = "creating"
KUBERNETES = "kubernetes:"
TAKEN_OVER = (KUBERNETES, "pulumi:")
MANAGER = "pulumi-kubernetes"
FORCED = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}
"""What was made but not recorded has another field manager than what is applied to it now."""

State = Mapping[str, Any]


def begun(exported: State) -> list[Mapping[str, Any]]:
    """Return the operations that were begun, of a state as `pulumi stack export` writes it."""
    deployment = exported.get("deployment") or {}
    return list(deployment.get("pending_operations") or [])


def creations(exported: State) -> list[Mapping[str, Any]]:
    """Return the operations that were to create something."""
    return [each for each in begun(exported) if each["type"] == CREATING]


def require_known(exported: State, site: str) -> None:
    """Raise EngineError where something in a cloud may have been made."""
    unknown = [
        each["resource"]["urn"].rpartition("::")[2] + f" ({each['resource']['type']})"
        for each in creations(exported)
        if not str(each["resource"]["type"]).startswith(TAKEN_OVER)
    ]
    if unknown:
        raise EngineError(
            "a deployment was killed while the cloud made "
            f"{', '.join(unknown)}, and whether it is there is not recorded",
            remedy=f'look for it in the cloud; `eval "$(sslab env {site})"; pulumi refresh -s '
            f"{site}` asks for its id, or forgets it where it is not there (docs/state.md)",
        )


def cleared(exported: State) -> dict[str, Any]:
    """Return the state without the creations that were begun."""
    kept = copy.deepcopy(dict(exported))
    kept["deployment"]["pending_operations"] = [
        each for each in begun(exported) if each["type"] != CREATING
    ]
    return kept


@dataclass(frozen=True)
class Made:
    """An object that a killed deployment may have made; `manager` is whose it is now, if ours."""

    reference: Mapping[str, Any]
    manager: str | None

    def __str__(self) -> str:
        """Return its kind, namespace and name."""
        about = self.reference["metadata"]
        return f"{self.reference['kind']} {about.get('namespace', '')}/{about['name']}"


def made(exported: State) -> Iterator[Made]:
    """Return the Kubernetes objects whose creation was begun, after they were deployed again."""
    resources = exported["deployment"].get("resources") or []
    outputs = {each["urn"]: each.get("outputs") or {} for each in resources}
    for each in creations(exported):
        resource = each["resource"]
        if str(resource["type"]).startswith(KUBERNETES) and "kind" in resource.get("inputs", {}):
            inputs = resource["inputs"]
            names = {
                key: value
                for key, value in inputs["metadata"].items()
                if key in ("name", "namespace")
            }
            reference = {
                "apiVersion": inputs["apiVersion"],
                "kind": inputs["kind"],
                "metadata": names,
            }
            yield Made(reference, outputs.get(resource["urn"], {}).get("__fieldManager"))


def relinquish(kubectl: Sequence[str], objects: Iterator[Made]) -> Iterator[str]:
    """Take what the killed deployment's field managers own away, and tell what nobody owns now.

    Raises EngineError where the cluster does not let it.
    """
    for each in objects:
        reference = json.dumps(each.reference)
        shown = _run(
            [*kubectl, "get", "--ignore-not-found", "--show-managed-fields", "-o", "json"],
            reference,
        )
        # with `-f -` kubectl answers with a list
        there = json.loads(shown)["items"] if shown.strip() else []
        if not there:
            continue
        if each.manager is None:
            yield f"  left behind, and not described any more: {each}; delete it if it is not yours"
            continue
        managers = {
            entry["manager"]
            for entry in there[0]["metadata"].get("managedFields", ())
            if entry["operation"] == "Apply" and entry["manager"].startswith(MANAGER)
        }
        for manager in sorted(managers - {each.manager}):
            words = ["apply", "--server-side", "--force-conflicts", f"--field-manager={manager}"]
            _run([*kubectl, *words], reference)


def _run(words: Sequence[str], reference: str) -> str:
    done = subprocess.run(
        [*words, "-f", "-"], input=reference, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EngineError(
            f"what a killed deployment had made could not be looked at: {done.stderr.strip()}",
            remedy="everything is deployed; run the same command again",
        )
    return done.stdout
