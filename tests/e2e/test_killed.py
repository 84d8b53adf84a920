"""`sslab up`, killed at any moment: the next one brings the same objects."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clusters import command
from tests.e2e.conftest import Lab, processes_of

pytestmark = pytest.mark.e2e

SEED = 20261125
WHOLE = "  fitting-service: {}\n"
VARIANTS = {
    # namespaces with all that is in them come and go, and the other pattern's quota changes
    "both patterns": WHOLE,
    "one pattern": "",
}
# what controllers make out of the laboratory's objects, or write down for themselves
DERIVED = {"events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io",
           "leases.coordination.k8s.io", "pods", "replicasets.apps", "controllerrevisions.apps",
           "nodes", "componentstatuses", "csinodes.storage.k8s.io",
           "apiservices.apiregistration.k8s.io", "ipaddresses.networking.k8s.io"}  # fmt: skip
VOLATILE = {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
            "finalizers"}  # fmt: skip
OF_ONE_LIFE = {"clusterIP", "clusterIPs", "volumeName", "claimRef", "nodeName",
               "batch.kubernetes.io/controller-uid", "controller-uid",
               "volume.kubernetes.io/selected-node", "pv.kubernetes.io/bind-completed",
               "deployment.kubernetes.io/revision"}  # fmt: skip

Inventory = dict[str, Any]


class Site:
    """The laboratory's site file in two variants, and what runs of each."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.file = lab.clone / "sites/local.yaml"
        self.text = self.file.read_text()
        assert WHOLE in self.text
        kinds = lab.kubectl("api-resources", "--verbs=list", "-o", "name").split()
        self.kinds = ",".join(kind for kind in kinds if kind not in DERIVED)

    def becomes(self, variant: str) -> None:
        self.file.write_text(self.text.replace(WHOLE, VARIANTS[variant]))

    def up(self) -> float:
        """Deploy as anybody does, and return how long it took."""
        started = time.monotonic()
        done = self.lab.sslab("up", "local", timeout_s=600)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        assert "already exists" not in done.stdout
        return time.monotonic() - started

    def killed(self, when: Callable[[], bool]) -> str:
        """Start to deploy, and kill the command and Pulumi when something is the case."""
        log = self.lab.clone.parent / "killed.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [str(self.lab.clone / ".venv/bin/sslab"), "up", "local"],
                cwd=self.lab.clone, env=self.lab.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            while process.poll() is None and not when():
                time.sleep(0.02)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)
        return log.read_text()

    def inventory(self) -> Inventory:
        """Return all objects that nothing else owns, without what is different each time."""
        listed = json.loads(self.lab.kubectl("get", self.kinds, "-A", "-o", "json"))["items"]
        found = {}
        for each in listed:
            about = each["metadata"]
            namespace = about.get("namespace", "")
            volume_of = (each.get("spec") or {}).get("claimRef", {}).get("name")
            if "ownerReferences" in about or namespace.startswith("kube-"):
                continue
            name = volume_of or about["name"]  # a volume's own name is made up
            if volume_of:
                about["name"] = volume_of
                each["spec"].pop("local", None)  # which has that name in its path
            each.pop("status", None)
            about = {key: value for key, value in about.items() if key not in VOLATILE}
            found[f"{each['kind']} {namespace}/{name}"] = _lasting({**each, "metadata": about})
        return found


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(each) for key, each in value.items() if key not in OF_ONE_LIFE}
    if isinstance(value, list):
        return [_lasting(each) for each in value]
    return value


@pytest.fixture
def site(lab: Lab) -> Iterator[Site]:
    made = Site(lab)
    try:
        yield made
    finally:
        made.becomes("both patterns")
        made.up()


def differences(found: Inventory, wanted: Inventory) -> dict[str, Any]:
    names = found.keys() | wanted.keys()
    return {
        name: (found.get(name), wanted.get(name))
        for name in sorted(names)
        if found.get(name) != wanted.get(name)
    }


@pytest.mark.parametrize(
    ("deployments", "kills"), [(5, 4), pytest.param(20, 1, marks=pytest.mark.long)]
)
def test_up_killed_at_random_moments_converges(site: Site, deployments: int, kills: int) -> None:
    """Killed so many times, one after the other, it ends well in the end, with the same objects."""
    took, wanted = {}, {}
    for variant in reversed(VARIANTS):
        site.becomes(variant)
        took[variant] = site.up()
        wanted[variant] = site.inventory()
    assert "Deployment fitting-service/fitting-service" in wanted["both patterns"]
    assert "Deployment fitting-service/fitting-service" not in wanted["one pattern"]
    moments = random.Random(SEED)
    for number in range(deployments):
        variant = list(VARIANTS)[(number + 1) % 2]
        site.becomes(variant)
        chosen = [moments.uniform(0, took[variant]) for _ in range(kills)]
        for moment in chosen:
            ends = time.monotonic() + moment
            site.killed(lambda ends=ends: time.monotonic() > ends)  # type: ignore[misc]
        site.up()
        different = differences(site.inventory(), wanted[variant])
        assert different == {}, f"{variant} (number {number}), killed after {chosen} s"


def test_what_was_made_and_not_recorded_is_taken_over(site: Site) -> None:
    site.becomes("one pattern")
    site.up()
    state = next((site.lab.state / "sslab/stacks/.pulumi/stacks").rglob("local.json"))

    def deployment_is_being_made() -> bool:
        try:
            deployment = json.loads(state.read_text())["checkpoint"]["latest"]
        except (OSError, ValueError):
            return False
        begun = [each["resource"]["type"] for each in deployment.get("pending_operations") or []]
        if "kubernetes:apps/v1:Deployment" not in begun:
            return False
        words = ("get", "deployment", "fitting-service", "--namespace=fitting-service")
        return command(site.lab.home / "kubeconfig", *words).returncode == 0

    site.becomes("both patterns")
    site.killed(deployment_is_being_made)
    shown = site.lab.sslab("state", "show", "local", "--format", "json").stdout
    told = json.loads(shown)
    assert told["pending"] > 0
    assert [lock["alive"] for lock in told["locks"]] == [False]
    # and the site file has changed since
    site.file.write_text(site.text.replace(WHOLE, "  fitting-service: {replicas: 2}\n"))
    done = site.lab.sslab("up", "local")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "released what a killed run had left" in done.stderr
    assert "operations are looked at again" in done.stderr
    found = json.loads(
        site.lab.kubectl(
            "get", "deployment", "-n", "fitting-service", "-o", "json", "--show-managed-fields"
        )
    )["items"]
    assert [each["spec"]["replicas"] for each in found] == [2]
    managers = {
        entry["manager"]
        for entry in found[0]["metadata"]["managedFields"]
        if entry["manager"].startswith("pulumi-kubernetes")
    }
    assert len(managers) == 1, "another one would refuse the next change of its fields"
    told = json.loads(site.lab.sslab("state", "show", "local", "--format", "json").stdout)
    assert (told["pending"], told["locks"]) == (0, [])


def test_nothing_of_the_killed_runs_lives_on(lab: Lab) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        running = {*processes_of(lab.clone), *processes_of(lab.state)}
        left = [line for line in running if "pulumi" in line]
        if not left:
            break
        time.sleep(1)
    assert left == []
    assert list((lab.state / "sslab/tmp").iterdir()) == []
