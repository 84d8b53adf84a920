"""What is really in a cluster, read by kubectl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from sslab.destroying.errors import DestroyError

TIMEOUT_S = 60
_PASSING: Final = frozenset({"Event", "Endpoints", "EndpointSlice", "PodMetrics", "Lease"})
"""Kinds that come and go by themselves, or belong to another object without saying so."""
_OF_EVERY_NAMESPACE: Final = frozenset(
    {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
)


class Thing(NamedTuple):
    """One object of a cluster; the namespace of an object of the whole cluster is empty."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Return how a person calls it."""
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


class Volume(NamedTuple):
    """A PersistentVolume that a claim has or had: `claim` is namespace/name."""

    name: str
    claim: str
    retained: bool


@dataclass(frozen=True)
class Live:
    """A cluster as kubectl sees it; `kubectl` is the beginning of every command."""

    kubectl: list[str]

    def require(self) -> None:
        """Raise DestroyError where the cluster does not answer."""
        done = self._run("version", "--request-timeout=10s")
        if done.returncode != 0:
            raise DestroyError(
                f"the cluster does not answer: {done.stderr.strip()[-300:]}",
                remedy="nothing was changed; see that it runs and that the kubeconfig leads to it",
            )

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of objects that can be listed in a namespace, as kubectl names them."""
        done = self._run("api-resources", "--namespaced", "--verbs=list", "--output=name")
        # a service that is down makes the exit code 1, and the others are there
        return tuple(sorted(set(done.stdout.split())))

    def inside(self, namespace: str, kinds: Collection[str]) -> frozenset[Thing]:
        """Return what somebody has made in a namespace; nothing where it is not there.

        What another object owns, and what every namespace has, is left out, and so is what the
        account may not see.
        """
        done = self._run("get", ",".join(kinds), f"--namespace={namespace}", "--output=json",
                         "--ignore-not-found")  # fmt: skip
        found = _items(done.stdout)
        return frozenset(
            thing
            for item in found
            if not item["metadata"].get("ownerReferences")
            and (thing := _thing(item)).kind not in _PASSING
            and (thing.kind, thing.name) not in _OF_EVERY_NAMESPACE
        )

    def of_cluster(self, wanted: Iterable[Thing]) -> frozenset[Thing]:
        """Return which of these objects of the whole cluster are there."""
        found: set[Thing] = set()
        for (group, kind), things in groupby(sorted(wanted), key=lambda each: each[:2]):
            resource = f"{kind}.{group}" if group else kind
            names = [each.name for each in things]
            done = self._run("get", resource, *names, "--output=json", "--ignore-not-found")
            found |= {_thing(item) for item in _items(done.stdout)}
        return frozenset(found)

    def volumes(self, namespaces: Collection[str]) -> tuple[Volume, ...] | None:
        """Return the volumes of claims in namespaces, None where the account may not see them."""
        done = self._run("get", "persistentvolumes", "--output=json")
        if done.returncode != 0:
            return None
        return tuple(
            _volume(item)
            for item in _items(done.stdout)
            if (item["spec"].get("claimRef") or {}).get("namespace") in namespaces
        )

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [*self.kubectl, *words],
                capture_output=True,
                text=True,
                check=False,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise DestroyError(
                f"the cluster did not answer within {TIMEOUT_S} s",
                remedy="see that it runs, and run the same command again: it goes on",
            ) from None


def _items(text: str) -> list[Mapping[str, Any]]:
    """Return the objects that `kubectl get --output=json` has printed, one or a list."""
    document = json.loads(text) if text.strip() else {}
    found = document.get("items", [document] if document else [])
    return list(found)


def _thing(item: Mapping[str, Any]) -> Thing:
    group = item["apiVersion"].partition("/")[0] if "/" in item["apiVersion"] else ""
    metadata = item["metadata"]
    return Thing(group, item["kind"], metadata.get("namespace", ""), metadata["name"])


def _volume(item: Mapping[str, Any]) -> Volume:
    claim, spec = item["spec"]["claimRef"], item["spec"]
    retained = spec.get("persistentVolumeReclaimPolicy") == "Retain"
    return Volume(item["metadata"]["name"], f"{claim['namespace']}/{claim['name']}", retained)
