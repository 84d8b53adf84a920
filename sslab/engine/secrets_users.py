"""Which objects use a credential: found by running the site's program with marked values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sslab.catalogue.secrets import Authority, SecretSpec
from sslab.engine.errors import EngineError
from sslab.engine.recorder import recordings
from sslab.site.model import Site

SECRET = "kubernetes:core/v1:Secret"
MARKED = "ssl/secrets"
"""The annotation of pods that changes with their secrets: components/workloads.py."""


@dataclass(frozen=True, order=True)
class User:
    """An object that uses a credential; `restarts` where a new value makes new pods of it.

    A node is made with a credential, and so has to be made anew.
    """

    name: str
    restarts: bool
    is_node: bool = False


def users(
    repository: Path, site: Site, specs: Sequence[SecretSpec]
) -> Mapping[str, tuple[User, ...]]:
    """Return what uses each credential: pods by the Secret that it is in, or a node itself.

    Neither cluster nor passphrase is needed. Raises EngineError where the program refuses the site.
    """
    marks = {spec.key: f"value-of-{spec.key}." for spec in specs}
    values = {spec.key: _marked(spec, marks[spec.key]) for spec in specs}
    with recordings(repository, [site.name], values={site.name: values}) as recorded:
        (recording,) = recorded
    if recording.error is not None:
        raise EngineError(recording.error)
    return {
        key: tuple(sorted(set(_users(recording.resources, mark)))) for key, mark in marks.items()
    }


def _marked(spec: SecretSpec, mark: str) -> str:
    """Return a value with a mark in it, in the form that the program expects."""
    if not isinstance(spec.recipe, Authority):
        return mark
    kinds = ("PRIVATE KEY", "CERTIFICATE")
    return "\n".join(f"-----BEGIN {kind}-----\n{mark}\n-----END {kind}-----" for kind in kinds)


def _users(resources: Sequence[Mapping[str, Any]], mark: str) -> Iterator[User]:
    holding = [each for each in resources if each["custom"] and mark in json.dumps(each["inputs"])]
    secrets = {_identity(each["inputs"]) for each in holding if each["token"] == SECRET}
    for each in holding:
        if not str(each["token"]).startswith(("kubernetes:", "pulumi:")):
            yield User(
                f"{str(each['token']).rpartition(':')[2]} {each['name']}",
                restarts=True,
                is_node=True,
            )
    for each in resources:
        pod = _pod(each)
        namespace, name = _identity(each["inputs"])
        if pod is None or not any((namespace, used) in secrets for used in _used(pod["spec"])):
            continue
        annotations = (pod.get("metadata") or {}).get("annotations") or {}
        yield User(f"{each['inputs']['kind']} {namespace}/{name}", restarts=MARKED in annotations)


def _identity(inputs: Mapping[str, Any]) -> tuple[str, str]:
    metadata = inputs.get("metadata") or {}
    return str(metadata.get("namespace", "")), str(metadata.get("name", ""))


def _pod(resource: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the template of the pods that a resource makes."""
    if not str(resource["token"]).startswith("kubernetes:"):
        return None
    spec = resource["inputs"].get("spec") or {}
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    template: Mapping[str, Any] | None = spec.get("template")
    return template if template and "spec" in template else None


def _used(value: Any) -> Iterator[str]:
    """Yield the names of the Secrets that the spec of a pod mounts or reads."""
    if isinstance(value, list):
        for each in value:
            yield from _used(each)
    elif isinstance(value, Mapping):
        for field, inner in value.items():
            if field == "secretName":
                yield str(inner)
            elif field in ("secret", "secretKeyRef", "secretRef") and isinstance(inner, Mapping):
                yield str(inner.get("name", ""))
                yield from _used(inner)
            else:
                yield from _used(inner)
