"""Pull requests, merges and what follows, on a cluster that stands for a campus.

The workflows' own steps run here, read from `.github/workflows`; docs/deploying.md tells the story.
The tests follow each other: each one starts where the one before has ended.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from sslab.cluster.spec import ClusterSpec
from tests.clusters import embedded_cluster as embedded
from tests.clusters import kubectl
from tests.e2e.conftest import ROOT
from tests.fleet import staff
from tests.workflows.api import served
from tests.workflows.hub import Hub
from tests.workflows.origin import Origin, git
from tests.workflows.record import Run

pytestmark = pytest.mark.e2e

PORT = 18360
PASSPHRASE = "correct horse battery staple"
LEFT_OUT = shutil.ignore_patterns(
    ".venv",
    ".git",
    "*_cache",
    "__pycache__",
    ".hypothesis",
    "tests",
    "benchmarks",
    "docs",
    "stacks",
)
IMAGES = ("fitting-service", "traefik", "seaweedfs")
KINDS = (
    "deployments,statefulsets,daemonsets,jobs,services,configmaps,secrets,serviceaccounts,"
    "persistentvolumeclaims,resourcequotas,limitranges,networkpolicies,roles,rolebindings"
)
BUILT_IN = ("default", "cluster-admin", "admin", "edit", "view")
WHOLE = "namespaces,clusterroles,clusterrolebindings,ingressclasses"


def description(name: str, **more: Any) -> str:
    """Return the file of a site."""
    return yaml.safe_dump(
        {
            "name": name,
            "title": f"Campus {name}",
            "cluster": {"kind": "existing", "context": f"ssl-{name}"},
            "privilege": {"scope": "cluster"},
            "quota": {"cpu": "4", "memory": "6Gi", "pods": 50},
            "storage": {"capacity": "10Gi", "rwo_class": "local-path"},
            "ingress": {"kind": "traefik", "domain": f"{name}.localhost", "port": PORT},
            "load_balancing": {"kind": "node-ports", "http": 30080},
            "object_storage": {
                "kind": "seaweedfs",
                "capacity": "1Gi",
                "buckets": ["fitting-service"],
            },
            "patterns": {"fitting-service": {}},
            **more,
        },
        sort_keys=False,
    )


@dataclass
class Campus:
    """A cluster, the hub of the repository that describes it, and what was there at first."""

    folder: Path
    hub: Hub
    spec: ClusterSpec | None = None
    first: set[str] = field(default_factory=set)
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        assert self.spec is not None
        return self.spec.kubeconfig

    def start(self) -> None:
        """Bring the cluster up; its kubeconfig becomes the secret of the site's environment."""
        cluster = embedded(self.folder / "clusters", "wf", IMAGES, published={PORT: 30080})
        self.spec = self._running.enter_context(cluster)
        secrets = {
            "KUBECONFIG": staff.joined({"ssl-one": (self.kubeconfig, None)}),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        }
        self.hub.environments = {"one": secrets, "one-drift": dict(secrets)}
        self.first = self.everything()

    def stop(self) -> None:
        """Delete the cluster with all its data."""
        self._running.close()

    def everything(self) -> set[str]:
        """Return the kinds and names of all objects that somebody has declared."""
        found = set()
        for words in ((KINDS, "--all-namespaces"), (WHOLE,)):
            listed = json.loads(kubectl(self.kubeconfig, "get", *words, "--output=json"))["items"]
            for each in listed:
                metadata = each["metadata"]
                namespace, name = metadata.get("namespace", ""), metadata["name"]
                of_kubernetes = name.startswith(("kube-", "system:")) or name in BUILT_IN
                if not namespace.startswith(("kube-", "default")) and not of_kubernetes:
                    found.add(f"{each['kind']}/{namespace}/{name}")
        return found

    def inventory(self) -> set[str]:
        """Return the objects that are there since the cluster came up."""
        return self.everything() - self.first

    @property
    def status(self) -> tuple[str, str]:
        """What the commit at the head of the branch says of the site."""
        (status,) = self.hub.api.statuses[self.hub.main]
        assert status["context"] == "sslab/one"
        return status["state"], status["description"]

    def person(self, *words: str) -> str:
        """Run a command as somebody in a clone, with the passphrase of the site."""
        done = subprocess.run(
            words,
            cwd=self.hub.origin.clone,
            env={
                **os.environ,
                **self.hub.machine,
                "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
                "PYTHONPATH": str(self.hub.origin.clone),
            },
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fit(self) -> httpx.Response:
        """Ask the service for a fit, as a user does."""
        example = ROOT / "patterns/fitting_service/two_bin_workspace.json"
        return httpx.post(
            f"http://127.0.0.1:{PORT}/v1/fits",
            headers={"Host": f"fitting-service.one.localhost:{PORT}"},
            json=json.loads(example.read_text()),
            timeout=60,
            trust_env=False,
        )

    def comment(self, number: int, kind: str) -> str:
        """Return the comment of a kind below a pull request, of which there is one."""
        bodies = [each["body"] for each in self.hub.api.comments_of(number)]
        (found,) = [body for body in bodies if body.startswith(f"<!-- sslab:{kind} -->")]
        return str(found)

    def plan(self, number: int) -> Run:
        """Run the plan of a pull request, and write its comment."""
        run = self.hub.pull_request(number, jobs=["plan"])
        told = self.hub.completed(run)
        assert told.conclusion == "success", told.log
        return run


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("workflows")
    clone = folder / "clone"
    shutil.copytree(ROOT, clone, ignore=LEFT_OUT)
    for path in (clone / "sites").glob("*.yaml"):
        path.unlink()
    hub = Hub(Origin.of(clone, folder / "origin.git"), folder / "hub")
    (clone / ".venv").symlink_to(ROOT / ".venv")
    (clone / ".git/info/exclude").write_text("/.venv\n")
    hub.machine = {"XDG_STATE_HOME": str(folder / "state")}
    made = Campus(folder, hub)
    with served(hub.api):
        try:
            made.start()
            yield made
        finally:
            made.stop()


def test_a_site_is_added_by_a_pull_request_and_runs_after_the_merge(campus: Campus) -> None:
    hub = campus.hub
    rollout = {"wave": 0, "on_failure": "revert"}
    sites = {
        "sites/one.yaml": description("one", rollout=rollout),
        # nobody pushes to this one: it is in the wave after the canary's
        "sites/two.yaml": description("two", rollout={"wave": 1, "mode": "pull"}),
    }
    number = hub.origin.open_pull("add-sites", sites)
    run = campus.plan(number)
    assert run.conclusion == "success", run.log
    first = campus.comment(number, "plan")
    assert "### Plan of 2 sites: 2 new" in first
    assert "add     Deployment fitting-service/fitting-service" in first
    assert "stacks/Pulumi.one.yaml lacks s3-admin-access-key" in first
    git(hub.origin.clone, "checkout", "--quiet", "add-sites")
    campus.person(".venv/bin/sslab", "secrets", "init", "one")
    stack = (hub.origin.clone / "stacks/Pulumi.one.yaml").read_text()
    assert "secure: v1:" in stack
    hub.origin.push(number, {"stacks/Pulumi.one.yaml": stack})
    campus.plan(number)
    assert "lacks" not in campus.comment(number, "plan")
    merged = hub.origin.merge(number)
    deployed = hub.push_to_main()
    assert deployed.conclusion == "success", deployed.log
    assert campus.fit().json()["cls_obs"] == pytest.approx(0.05251497, abs=1e-6)
    assert hub.origin.revision("deployed/one") == merged
    assert hub.origin.revision("rendered/two") is not None
    assert "has passed its smoke tests" in deployed.summary
    assert campus.status == (
        "success",
        f"{merged[:12]} is deployed and has passed its smoke tests",
    )
    assert f"<http://fitting-service.one.localhost:{PORT}>" in deployed.summary
    names = [name for name, job in deployed.jobs.items() if job.result == "success"]
    assert names.index("wave-0/push one") < names.index("wave-1/pull two")
    secret = staff.joined({"ssl-one": (campus.kubeconfig, None)})
    key = yaml.safe_load(secret)["users"][0]["user"]["client-key-data"]
    assert key not in deployed.log + deployed.summary
    assert not list((campus.folder / "state/sslab/credentials").iterdir())


def test_what_changes_nothing_is_not_deployed(campus: Campus) -> None:
    path = campus.hub.origin.clone / "components/place.py"
    number = campus.hub.origin.open_pull(
        "tidy", {"components/place.py": f"{path.read_text()}# a note\n"}
    )
    assert campus.plan(number).conclusion == "success"
    assert "`components/place.py` changed, and no site's plan with it" in campus.comment(
        number, "plan"
    )
    campus.hub.origin.merge(number)
    run = campus.hub.push_to_main()
    assert [name for name, job in run.jobs.items() if job.result != "skipped"] == ["plan"]


def test_a_harmful_change_is_refused_and_the_comment_says_why(campus: Campus) -> None:
    path = campus.hub.origin.clone / "components/workloads.py"
    before, after = "allow_privilege_escalation=False", "allow_privilege_escalation=True"
    assert before in path.read_text()
    harmful = path.read_text().replace(before, after)
    number = campus.hub.origin.open_pull("harmful", {"components/workloads.py": harmful})
    run = campus.plan(number)
    assert run.conclusion == "failure"
    assert "the change is refused for one, two" in run.log
    told = campus.comment(number, "plan")
    assert "> [!CAUTION]" in told
    assert "REFUSED BY" in told
    assert "Deployment fitting-service/fitting-service" in told
    assert "**This change is refused as it stands**" in told


def test_a_change_that_loses_data_is_refused_until_the_site_file_allows_it(campus: Campus) -> None:
    elsewhere = {
        "kind": "s3",
        "endpoint": "https://s3.example.edu",
        "buckets": ["fitting-service"],
    }
    kept = "PersistentVolumeClaim/ssl-object-storage/object-storage"
    lines = [
        {"object": each, "reason": "copied to the campus' own storage", "expires": "2099-12-31"}
        for each in (kept, "Namespace/ssl-object-storage")
    ]
    moved = description("one", object_storage=elsewhere)
    number = campus.hub.origin.open_pull("elsewhere", {"sites/one.yaml": moved})
    run = campus.plan(number)
    assert run.conclusion == "failure"
    assert "the change is refused for one" in run.log
    told = campus.comment(number, "plan")
    assert "DATA WOULD BE LOST" in told
    assert f"{kept} is protected; if its data may be lost, add to data_loss in sites/one.yaml" in (
        told
    )
    allowed = description("one", object_storage=elsewhere, data_loss=lines)
    campus.hub.origin.push(number, {"sites/one.yaml": allowed})
    assert campus.plan(number).conclusion == "success"
    told = campus.comment(number, "plan")
    assert "DATA IS LOST" in told, "whoever approves it still sees it"
    assert "data_loss lets it go until 2099-12-31: copied to the campus' own storage" in told


def test_a_broken_deployment_is_reverted_and_the_next_wave_is_not_run(campus: Campus) -> None:
    hub = campus.hub
    good = hub.origin.revision("deployed/one")
    rendered = hub.origin.revision("rendered/two")
    path = hub.origin.clone / "patterns/fitting_service/component.py"
    line = '"FIT_TIMEOUT_S": str(settings.fit_timeout_s),'
    broken = path.read_text().replace(line, f'{line} "MAX_BODY_BYTES": "16",')
    number = hub.origin.open_pull("broken", {"patterns/fitting_service/component.py": broken})
    assert campus.plan(number).conclusion == "success"
    assert "MAX_BODY_BYTES" in campus.comment(number, "plan")
    hub.origin.merge(number)
    run = hub.push_to_main()
    job = run.jobs["wave-0/push one"]
    outcomes = {step.name: step.outcome for step in job.steps}
    assert outcomes["Refresh, deploy, run the smoke tests"] == "failure", job.log
    assert outcomes["Put the last good revision back"] == "success", job.log
    assert "the fit was refused with 413" in job.log
    assert (run.conclusion, run.jobs["wave-1"].result) == ("failure", "skipped")
    assert hub.origin.revision("rendered/two") == rendered
    assert hub.origin.revision("deployed/one") == good
    assert campus.fit().status_code == 200
    told = campus.comment(number, "deployment:one")
    assert good is not None
    assert f"failed, and `{good[:12]}` was put back" in told
    assert campus.status == ("failure", f"{hub.main[:12]} failed, and {good[:12]} was put back")
    assert "the fit was refused with 413" in told
    assert "was put back" in run.summary
    # whoever mends it on the branch deploys nothing new at the site that was put back
    git(hub.origin.clone, "revert", "--no-edit", "--mainline=1", "HEAD")
    git(hub.origin.clone, "push", "--quiet", "origin", "main")
    after = hub.push_to_main()
    assert after.conclusion == "success", after.log
    assert "No change: one, two" in after.summary


def test_a_wiped_cluster_is_rebuilt_from_git(campus: Campus) -> None:
    before = campus.inventory()
    assert "Deployment/fitting-service/fitting-service" in before
    campus.stop()
    campus.start()
    assert campus.inventory() == set()
    run = campus.hub.run(
        "deploy.yml", "workflow_dispatch", campus.hub.main, {}, inputs={"site": "one"}
    )
    assert run.conclusion == "success", run.log
    assert "| 0 | one | push | asked for |" in run.summary
    assert campus.inventory() == before
    assert campus.fit().status_code == 200
    assert campus.hub.origin.revision("deployed/one") == campus.hub.main


def drift(campus: Campus) -> Run:
    run = campus.hub.run("drift.yml", "schedule", campus.hub.main, {})
    assert run.conclusion == "success", run.log
    return run


def test_drift_opens_an_issue_that_closes_itself(campus: Campus) -> None:
    api = campus.hub.api
    assert "issue: none is open" in drift(campus).log
    scale = ("scale", "--namespace=fitting-service", "deployment/fitting-service")
    kubectl(campus.kubeconfig, *scale, "--replicas=2")
    drift(campus)
    (issue,) = api.issues.values()
    assert issue["title"] == "one has drifted"
    assert "spec.replicas" in issue["body"]
    assert drift(campus).conclusion == "success"
    assert len(api.issues) == 1
    # nothing is known of a site that cannot be reached
    reached = campus.hub.environments["one-drift"]["KUBECONFIG"]
    unreachable = json.loads(reached)
    unreachable["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    campus.hub.environments["one-drift"]["KUBECONFIG"] = json.dumps(unreachable)
    assert "one is unknown" in drift(campus).log
    assert issue["state"] == "open"
    campus.hub.environments["one-drift"]["KUBECONFIG"] = reached
    kubectl(campus.kubeconfig, *scale, "--replicas=1")
    drift(campus)
    assert issue["state"] == "closed"
