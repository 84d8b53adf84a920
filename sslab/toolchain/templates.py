"""The objects of a chart that lies on this machine, by `helm template`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from sslab.catalogue.charts import ChartSource
from sslab.errors import SslabError
from sslab.kubernetes.kinds import cluster_scoped

DEFINITION = "CustomResourceDefinition"


@dataclass(frozen=True, kw_only=True)
class Helm:
    """The program `helm`, and what it is told of the site.

    `root` is what a relative path of a chart begins at, `version` that of Kubernetes, `field` names
    what has to be mended where a chart cannot be rendered.
    """

    program: Path
    root: Path
    version: str
    field: str

    def template(
        self, source: ChartSource, release: str, namespace: str, values: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the objects of a chart as Pulumi's provider takes them: without hooks.

        Nothing is looked up in a cluster. Raises SslabError where the chart does not take the
        values, or is not whole.
        """
        with TemporaryDirectory(prefix="sslab-helm-") as home:
            done = subprocess.run(
                [
                    *(self.program, "template", release, source.chart),
                    *("--namespace", namespace, "--kube-version", self.version),
                    *("--no-hooks", "--include-crds", "--values", "-"),
                ],
                input=json.dumps(values),  # which is YAML as well
                # nothing of the user's own: plugins, repositories, a cluster
                env={"HOME": home, "KUBECONFIG": f"{home}/none"},
                cwd=self.root,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode != 0:
            said = done.stderr.strip().removeprefix("Error: ")
            raise SslabError(
                f"{self.field}: {source.chart} {source.version} cannot be rendered: {said}",
                remedy="lay the whole chart there, as `helm pull` does, or mend its values",
            )
        return placed(list(_objects(done.stdout)), namespace)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in YAML documents; a List is the objects in it."""
    for document in yaml.safe_load_all(text):
        if not isinstance(document, dict):
            continue  # a template that came out empty
        if str(document.get("kind")) == "List":
            yield from document.get("items") or ()
        else:
            yield document


def placed(objects: Sequence[dict[str, Any]], namespace: str) -> list[dict[str, Any]]:
    """Return objects, each of a namespace's in the given one where it names none itself."""
    defined = {
        f"{each['spec']['group']}/{each['spec']['names']['kind']}": each["spec"]["scope"]
        for each in objects
        if each["kind"] == DEFINITION
    }
    return [_placed(each, namespace, defined) for each in objects]


def _placed(manifest: dict[str, Any], namespace: str, defined: Mapping[str, str]) -> dict[str, Any]:
    metadata, kind = manifest["metadata"], manifest["kind"]
    group = str(manifest["apiVersion"]).rpartition("/")[0] or "core"
    scope = defined.get(f"{group}/{kind}")
    # of a kind that nobody knows: most are of a namespace
    is_cluster = scope == "Cluster" if scope else cluster_scoped(group, kind, "some")
    if is_cluster or metadata.get("namespace"):
        return manifest
    return {**manifest, "metadata": {**metadata, "namespace": namespace}}
