"""Speed of each founding site's laboratory, against kubectl on the tree that is rendered of it.

One site after the other comes up on an embedded cluster that has its images, as in the tests of
several sites: what a site's staff or a cloud provides stands ready. In the same run the
laboratory is deleted, and applied with kubectl until as much is ready. Last comes Illinois, with
its part on OpenStack alone against the command line of OpenStack.

    python -m benchmarks.laboratories [SITE ...]

Needs root on Linux, takes some ten minutes, and prints a table; the last line is JSON. Seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks import openstack_cli
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.toolchain import found
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import OPENSTACK
from tests.clusters import ROOT, command, embedded_cluster
from tests.e2e.conftest import copied
from tests.fleet.sites import Fleet, fleet
from tests.openstack.cloud import Cloud, openstack

SITES = ("chicago", "nyu", "sdsc", "gke", "illinois")
IN_CLOUDS = ("illinois", "gke")
PORT = 18384
LIMIT_S = 300
ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")
UP = ("up", "--yes", "--skip-preview", "--policy-pack", "policies")


class Kubectl:
    """kubectl on a site's cluster, by the account that the laboratory has there."""

    def __init__(self, made: Fleet, site: str, tree: Path) -> None:
        in_cloud = site in IN_CLOUDS
        own = made.places[site].kubeconfig
        self._kubeconfig = own if in_cloud else Path(made.variables["KUBECONFIG"])
        self._context = () if in_cloud else (f"--context=ssl-{site}",)
        self._tree = tree
        names = yaml.safe_load((tree / "kustomization.yaml").read_text())["resources"]
        self.objects = [yaml.safe_load((tree / name).read_text()) for name in names]
        self._secrets = self._there()

    def delete(self) -> None:
        """Delete the laboratory with its data, and wait for the end of it."""
        for words, text in self._both:
            self._run("delete", *words, "--ignore-not-found", "--wait", text=text)

    def apply(self) -> None:
        """Apply the laboratory, and wait until all of it is ready."""
        for words, text in self._both:
            self._run("apply", "--server-side", *words, text=text)
        for each in self.objects:
            name = f"{each['kind']}/{each['metadata']['name']}"
            within = (f"--namespace={each['metadata'].get('namespace')}", f"--timeout={LIMIT_S}s")
            if each["kind"] in ROLLED_OUT:
                self._run("rollout", "status", name, *within)
            elif each["kind"] == "Job":
                self._run("wait", name, "--for=condition=Complete", *within)

    def diff(self) -> None:
        """Ask the API server what applying it again would change."""
        for words, text in self._both:
            self._run("diff", "--server-side", *words, text=text, codes=(0, 1))

    def _there(self) -> str:
        """Return the Secrets that are deployed: some hold keys that the cloud has made."""
        found = []
        for namespace in sorted({each["metadata"].get("namespace", "") for each in self.objects}):
            if namespace:
                words = ("get", "secrets", f"--namespace={namespace}", "--output=json")
                told = said(command(self._kubeconfig, *self._context, *words))
                found += [each for each in json.loads(told)["items"] if each["type"] == "Opaque"]
        for each in found:
            known = {key: each["metadata"][key] for key in ("name", "namespace")}
            each["metadata"] = {**known, "labels": each["metadata"].get("labels", {})}
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": found})

    @property
    def _both(self) -> list[tuple[tuple[str, ...], str | None]]:
        """The tree, and the Secrets, which are in none."""
        return [(("-k", str(self._tree)), None), (("-f", "-"), self._secrets)]

    def _run(self, *words: str, text: str | None = None, codes: tuple[int, ...] = (0,)) -> None:
        said(
            command(self._kubeconfig, *self._context, *words, stdin=text, timeout_s=LIMIT_S), codes
        )


def said(done: subprocess.CompletedProcess[str], codes: tuple[int, ...] = (0,)) -> str:
    """Return what a command printed; stop when it has failed."""
    if done.returncode not in codes:
        words = done.args if isinstance(done.args, list) else [done.args]
        told = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        raise SystemExit(f"{' '.join(map(str, words))}: {told}")
    return done.stdout


@contextmanager
def timed(times: dict[str, float], name: str) -> Iterator[None]:
    """Note the seconds that the block takes."""
    started = time.monotonic()
    yield
    times[name] = time.monotonic() - started


def measured(site: str, folder: Path, cloud: Cloud | None) -> dict[str, float]:
    """Return what the laboratory of a site takes, by Pulumi and by kubectl."""
    folder.mkdir()
    times: dict[str, float] = {}
    with fleet(copied(folder, PORT), folder, cloud, [site]) as made:
        said(made.sslab(site, "secrets", "init", site))
        with timed(times, "up"):
            said(made.pulumi(site, *UP))
        with timed(times, "no-op"):
            said(made.pulumi(site, *UP, "--expect-no-changes"))
        tree = folder / "rendered"
        said(made.sslab(site, "render", site, "-o", str(tree)))
        kubectl = Kubectl(made, site, tree)
        times["objects"] = len(kubectl.objects)
        kubectl.delete()
        with timed(times, "apply"):
            kubectl.apply()
        with timed(times, "diff"):
            kubectl.diff()
    return times


def report(site: str, times: dict[str, float]) -> None:
    """Print the row of a site."""
    up, apply, no_op, diff = (times[name] for name in ("up", "apply", "no-op", "diff"))
    print(
        f"{site:10} {times['objects']:7.0f} {up:8.1f} {apply:15.1f} {up / apply:6.1f} "
        f"{no_op:8.1f} {diff:8.1f} {no_op / diff:6.1f}",
        flush=True,
    )


def tools() -> None:
    """Build what is missing of the tools, so that nobody waits for it in what is measured."""
    toolchain = Toolchain(ROOT / "toolchain", cache_dir())
    toolchain.ensure([*found.engine(toolchain)[1], *toolchain.missing([OPENSTACK])], Progress())


def main(sites: list[str]) -> None:
    """Measure and print."""
    unknown = set(sites) - set(SITES)
    if unknown:
        sys.exit(f"no such site: {', '.join(sorted(unknown))}; there are: {', '.join(SITES)}")
    wanted = sites or list(SITES)
    tools()
    results: dict[str, Any] = {}
    print(
        f"{'site':10} {'objects':>7} {'up':>8} {'apply and wait':>15} {'ratio':>6} "
        f"{'no-op':>8} {'diff':>8} {'ratio':>6}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="sslab-bench-") as name:
        folder = Path(name)
        for site in (each for each in wanted if each != "illinois"):
            report(site, results.setdefault(site, measured(site, folder / site, None)))
        if "illinois" in wanted:
            (folder / "cloud").mkdir()
            with embedded_cluster(folder / "cloud", "openstack") as spec, openstack(spec) as cloud:
                alone = openstack_cli.measured(folder / "cloud", cloud)
                results["illinois"] = measured("illinois", folder / "illinois", cloud)
            report("illinois", results["illinois"])
            results["illinois, on OpenStack"] = alone
            for what, value in alone.items():
                print(f"illinois, {what:40} {value:6.1f}")
    rounded = {
        site: {what: round(value, 2) for what, value in row.items()}
        for site, row in results.items()
    }
    print(json.dumps(rounded))


if __name__ == "__main__":
    main(sys.argv[1:])
