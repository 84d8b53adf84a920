"""Recording any tree's program for its sites: in a process of its own that nothing spoils."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sslab.engine import recorder
from sslab.engine.recorder import Recording, recordings

pytestmark = pytest.mark.volume

PROGRAM = """import os, signal, sys
import pulumi

def make(kind, name, opts=None, **inputs):
    return pulumi.CustomResource(f"kubernetes:core/v1:{kind}", name, inputs, opts)

site = pulumi.get_stack()
config = pulumi.Config()
print("a line that is no document")
one = make("ConfigMap", "one", pulumi.ResourceOptions(protect=True),
           metadata={"name": "one"}, data={"site": site, "count": 1})
if site == "refused":
    raise pulumi.RunError("sites/refused.yaml is wrong; mend it")
if site == "broken":
    raise ValueError("nobody expected this")
if site == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if site == "exits":
    sys.exit(3)
if site == "looks":
    pulumi.runtime.invoke("kubernetes:yaml:decode", {})
make("Secret", "two", metadata={"name": one.urn.apply(lambda _: "two")},
     stringData=pulumi.Output.secret({"password": config.require_secret("password")}))
pulumi.export("site", site)
"""
JUDGE = """
def judge(repository, site, resources):
    return [{"policy": "p", "resource": each["urn"], "message": f"{repository.name} {site}"}
            for each in resources if each["token"].endswith("Secret")]
"""

MakeTree = Callable[..., Path]


@pytest.fixture
def make_tree(tmp_path: Path) -> MakeTree:
    def make(**files: str) -> Path:
        tree = tmp_path / "tree"
        for name, text in {"Pulumi.yaml": "name: ssl\n", "__main__.py": PROGRAM, **files}.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tree

    return make


def run(
    tree: Path,
    sites: Sequence[str],
    judge: bool = False,
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Recording]:
    with recordings(tree, sites, judge=judge, values=values) as found:
        return list(found)


def by_name(recording: Recording) -> dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in recording.resources}


def test_a_resource_is_recorded_with_all_that_a_plan_needs(make_tree: MakeTree) -> None:
    (recording,) = run(make_tree(), ["somewhere"])
    assert (recording.site, recording.error, recording.findings) == ("somewhere", None, None)
    found = by_name(recording)
    assert found["one"] == {
        "token": "kubernetes:core/v1:ConfigMap",
        "name": "one",
        "urn": "urn:pulumi:somewhere::ssl::kubernetes:core/v1:ConfigMap::one",
        "parent": "urn:pulumi:somewhere::ssl::pulumi:pulumi:Stack::ssl-somewhere",
        "provider": "",
        "custom": True,
        "inputs": {
            "metadata": {"name": "one"},
            "data": {"site": "somewhere", "count": 1},
        },
        "secrets": [],
        "depends_on": [],
        "aliases": [],
        "digests": [],
        "options": {"protect": True},
    }
    assert found["two"]["depends_on"] == [found["one"]["urn"]]
    assert list(found) == ["one", "two"]  # by URN


def test_every_key_has_a_value_and_no_secret_is_recorded(make_tree: MakeTree) -> None:
    (recording,) = run(make_tree(), ["somewhere"])
    two = by_name(recording)["two"]
    assert two["secrets"] == ["stringData"]
    assert two["inputs"]["stringData"] == {"password": "(secret)"}
    assert "placeholder" not in str(recording)


def test_digests_tell_whether_two_secrets_are_the_same(make_tree: MakeTree) -> None:
    program = """
import pulumi
value = pulumi.Config().require_secret("some-key")
for name, each in (("one", value), ("two", value), ("three", value.apply(lambda text: text + "x"))):
    pulumi.CustomResource("kubernetes:core/v1:Secret", name,
                          {"stringData": pulumi.Output.secret({"key": each})})
"""
    (recording,) = run(make_tree(**{"__main__.py": program}), ["a"])
    found = {name: each["digests"] for name, each in by_name(recording).items()}
    assert found["one"] == found["two"] != found["three"]
    ((steps, digest),) = found["one"]
    assert steps == ["stringData", "key"]
    assert "some-key" not in digest


def test_given_values_are_used_and_stay_readable_for_their_site(make_tree: MakeTree) -> None:
    first, second = run(make_tree(), ["a", "b"], values={"a": {"password": "known"}})
    assert by_name(first)["two"]["inputs"]["stringData"] == {"password": "known"}
    assert by_name(first)["two"]["secrets"] == ["stringData"]
    assert "known" not in str(second)


def test_secrets_outside_a_secret_hide_their_keys_too(make_tree: MakeTree) -> None:
    program = """
import pulumi
pulumi.CustomResource("kubernetes:core/v1:ConfigMap", "one", {
    "metadata": {"name": "one", "labels": pulumi.Output.secret({"telling": "x"})},
    "data": {"open": "yes", "hidden": pulumi.Config().require_secret("some-key")}})
"""
    (recording,) = run(make_tree(**{"__main__.py": program}), ["a"])
    one = by_name(recording)["one"]
    assert one["inputs"]["metadata"] == {"name": "one", "labels": "(secret)"}
    assert one["inputs"]["data"] == {"open": "yes", "hidden": "(secret)"}
    assert one["secrets"] == ["data.hidden", "metadata.labels"]


def test_what_a_resource_was_before_is_recorded(make_tree: MakeTree) -> None:
    program = """
import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
class Layer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("ssl:components:Layer", name, None, opts)
layer = Layer("layer", pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="ssl:components:Old")]))
Deployment("web", metadata={"name": "web"}, opts=pulumi.ResourceOptions(parent=layer, aliases=[
    pulumi.Alias(name="site"), pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE),
    "urn:pulumi:a::ssl::kubernetes:core/v1:Pod::x"]))
"""
    (recording,) = run(make_tree(**{"__main__.py": program}), ["a"])
    found = by_name(recording)
    start = "urn:pulumi:a::ssl::"
    assert found["layer"]["aliases"] == [f"{start}ssl:components:Old::layer"]
    own = "kubernetes:apps/v1:Deployment"
    assert {
        f"{start}ssl:components:Layer${own}::site",
        f"{start}{own}::web",
        f"{start}kubernetes:core/v1:Pod::x",
        f"{start}ssl:components:Layer$kubernetes:apps/v1beta2:Deployment::web",  # Pulumi's own
        f"{start}ssl:components:Old${own}::web",  # its parent's
    } <= set(found["web"]["aliases"])


def test_one_site_that_fails_stops_no_other(make_tree: MakeTree) -> None:
    sites = ["refused", "a", "killed", "broken", "b", "exits", "looks", "c"]
    found = {each.site: each for each in run(make_tree(), sites)}
    assert list(found) == sites
    assert {site for site, each in found.items() if each.error is None} == {"a", "b", "c"}
    assert found["refused"].error == "sites/refused.yaml is wrong; mend it"
    assert found["broken"].error == "ValueError: nobody expected this (__main__.py:15)"
    assert "ended with -9" in str(found["killed"].error)
    assert found["exits"].error == "SystemExit: 3 (__main__.py:19)"
    assert "looks something up (kubernetes:yaml:decode)" in str(found["looks"].error)
    assert list(by_name(found["refused"])) == ["one"]  # what came before


def test_a_tree_is_run_with_its_own_modules(make_tree: MakeTree) -> None:
    program = "import pulumi, components.x, sslab\nraise pulumi.RunError(components.x.__file__)\n"
    own = {"components/__init__.py": "", "components/x.py": "", "sslab/__init__.py": ""}
    tree = make_tree(**own, **{"__main__.py": program})
    (recording,) = run(tree, ["a"])
    assert recording.error == str(tree / "components/x.py")
    assert not list(tree.rglob("__pycache__"))


def test_a_module_that_this_repository_has_and_the_tree_has_not_is_missing(
    make_tree: MakeTree,
) -> None:
    (recording,) = run(make_tree(**{"__main__.py": "import components.laboratory\n"}), ["a"])
    assert "No module named 'components'" in str(recording.error)


def test_the_trees_policies_judge_where_they_are_asked(make_tree: MakeTree) -> None:
    tree = make_tree(**{"policies/__init__.py": "", "policies/offline.py": JUDGE})
    assert run(tree, ["a"])[0].findings is None
    (recording,) = run(tree, ["a"], judge=True)
    urn = by_name(recording)["two"]["urn"]
    assert recording.findings == [{"policy": "p", "resource": urn, "message": "tree a"}]
    assert run(make_tree(**{"policies/offline.py": "raise OSError(1)"}), ["a"], judge=True)[0].error


def test_a_tree_without_policies_is_recorded_without_findings(make_tree: MakeTree) -> None:
    (recording,) = run(make_tree(), ["a"], judge=True)
    assert (recording.error, recording.findings) == (None, None)


def test_a_tree_without_a_program_is_one_message_a_site(tmp_path: Path) -> None:
    assert [each.error is None for each in run(tmp_path, ["a", "b"])] == [False, False]
    gone = run(tmp_path / "gone", ["a", "b"])
    assert ["ended with 1" in str(each.error) for each in gone] == [True, True]


def test_an_error_of_an_output_is_the_sites(make_tree: MakeTree) -> None:
    program = """
import pulumi
one = pulumi.CustomResource("kubernetes:core/v1:ConfigMap", "one", {})
def fail(_):
    raise ValueError("found out late")
pulumi.CustomResource("kubernetes:core/v1:ConfigMap", "two", {"data": one.urn.apply(fail)})
"""
    (recording,) = run(make_tree(**{"__main__.py": program}), ["a"])
    assert "found out late" in str(recording.error)


def test_nothing_runs_on_after_the_block(make_tree: MakeTree) -> None:
    tree = make_tree(**{"__main__.py": "import time\ntime.sleep(600)\n"})
    workers = min(2, os.cpu_count() or 1)
    with recordings(tree, ["a", "b"]):
        assert eventually(tree, 1 + workers)
    assert eventually(tree, 0)


def eventually(tree: Path, count: int) -> bool:
    deadline = time.monotonic() + 30
    while len(processes(tree)) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(processes(tree)) == count


def processes(tree: Path) -> list[str]:
    """Return the living processes that record a tree."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "stat,args"], capture_output=True, text=True, check=True
    )
    return [
        line
        for line in listed.stdout.splitlines()
        if str(tree) in line and recorder.__file__ in line and not line.startswith("Z")
    ]


def test_the_core_end_imports_no_pulumi() -> None:
    code = "import sys, sslab.engine.recorder; sys.exit('pulumi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
