"""The plan of this very repository's local site, against one that differs in three things."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from sslab.plan.as_json import as_json
from sslab.plan.markdown import as_markdown
from sslab.plan.model import Change, Plan, SitePlan
from sslab.plan.planning import plan_sites
from sslab.plan.text import show
from sslab.progress import Progress

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
FOLDERS = ("components", "images", "patterns", "policies", "sslab", "toolchain")
LABELS = """

_plain_labels = labels


def labels(name: str) -> dict[str, str]:
    return {**_plain_labels(name), "example.org/canary": "bird"}
"""


def git(tree: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(tree), *identity, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    tree = tmp_path_factory.mktemp("repository") / "clone"
    tree.mkdir()
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy2(ROOT / name, tree / name)
    yaml = YAML()
    site = yaml.load(ROOT / "sites/local.yaml")
    (tree / "sites").mkdir()
    pattern = site["patterns"].pop("z-peak")
    yaml.dump(site, tree / "sites/local.yaml")
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "base")

    site["patterns"]["z-peak"] = pattern
    site["storage"]["rwo_class"] = "another-class"
    yaml.dump(site, tree / "sites/local.yaml")
    workloads = tree / "components/workloads.py"
    workloads.write_text(workloads.read_text() + LABELS)
    return plan_sites(tree, (), "HEAD", Progress())


@pytest.fixture
def local(plan: Plan) -> SitePlan:
    (site,) = plan.sites
    assert site.error == ""
    assert site.status == "changed"
    return site


def change(site: SitePlan, label: str) -> Change:
    (found,) = [each for each in site.changes if each.resource.label == label]
    return found


def test_a_new_pattern_is_added_with_its_powers(local: SitePlan) -> None:
    added = {each.resource.label for each in local.changes if each.kind == "add"}
    assert {"Namespace z-peak", "Secret z-peak/z-peak-s3"} <= added
    assert [label for label in added if label.startswith("Job z-peak/")]
    assert all("z-peak" in label for label in added)
    powers = {power.what for power in local.powers.added}
    assert {"Namespace z-peak", "z-peak/z-peak-s3: access-key, secret-key"} <= powers
    totals = {total.name: total for total in local.totals}
    assert totals["cpu"].before is not None
    assert totals["cpu"].now > totals["cpu"].before
    assert totals["cpu"].offered


def test_a_changed_selector_replaces_with_its_reason(local: SitePlan) -> None:
    for label in (
        "Deployment fitting-service/fitting-service",
        "StatefulSet ssl-object-storage/object-storage",
    ):
        replaced = change(local, label)
        assert replaced.kind == "replace"
        assert (
            'spec.selector.matchLabels["example.org/canary"]: the selector of a '
            f"{replaced.resource.kind} cannot be changed: Kubernetes refuses it, so Pulumi deletes "
            "the object and makes a new one"
        ) in replaced.reasons
        assert replaced.loses == ""
    service = change(local, "Service fitting-service/fitting-service")
    assert (service.kind, service.refused) == ("change", "")


def test_another_class_of_the_object_storage_loses_its_data(local: SitePlan) -> None:
    claim = change(local, "PersistentVolumeClaim ssl-object-storage/object-storage")
    assert claim.kind == "replace"
    assert "the StorageClass of a claim cannot be changed" in claim.reasons[0]
    assert claim.loses
    assert "PersistentVolumeClaim/ssl-object-storage/object-storage is protected" in claim.unallowed
    assert local.refused
    assert local.changes[0] is claim
    assert local.alarming


def test_the_three_reports_say_it(plan: Plan) -> None:
    terminal = io.StringIO()
    show(plan, Console(file=terminal, soft_wrap=True))
    comment, document = as_markdown(plan), json.loads(as_json(plan))
    for shown in (terminal.getvalue(), comment):
        assert "add     Namespace z-peak" in shown
        assert "replace StatefulSet ssl-object-storage/object-storage" in shown
        assert "the selector of a StatefulSet cannot be changed" in shown
        assert "REFUSED: DATA WOULD BE LOST: all that is stored in the claim's volume" in shown
        assert "(secret)" not in shown  # a secret that stays the same is no change
        assert "placeholder" not in shown
    assert "> [!CAUTION]" in comment.partition("<details>")[0]
    changes = document["sites"]["local"]["changes"]
    (lost,) = [each for each in changes if each["data_lost"]]
    assert lost["resource"]["type"] == "kubernetes:core/v1:PersistentVolumeClaim"
    assert {each["kind"] for each in changes} == {"add", "change", "replace"}
