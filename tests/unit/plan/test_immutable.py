"""The table of what makes Pulumi replace an object, against the provider's own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sslab.plan.immutable import DATA_OF_CONFIG_MAP, DATA_OF_SECRET, IDENTITY, REFUSED, REPLACED

ROOT = Path(__file__).parents[3]
GO_MODULES = Path.home() / "go/pkg/mod/github.com/pulumi/pulumi-kubernetes/provider"
PIN = ROOT / "toolchain/pulumi-resource-kubernetes/go.mod"


def test_the_table_is_that_of_the_pinned_version() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    text = Path(ROOT / "sslab/plan/immutable.py").read_text()
    (pinned,) = [each for each in dependencies if each.startswith("pulumi-kubernetes==")]
    version = re.match(r"pulumi-kubernetes==([\d.]+)", pinned)
    assert version
    assert f"pulumi-kubernetes {version[1]}" in text, "compare sslab/plan/immutable.py with diff.go"


def test_the_table_has_every_field_of_the_providers() -> None:
    pin = re.search(r"provider/(v4) (\S+)", PIN.read_text())
    assert pin
    source = GO_MODULES / f"{pin[1]}@{pin[2]}" / "pkg/provider/diff.go"
    if not source.exists():
        pytest.skip("the provider's source is not in Go's module cache")
    text = source.read_text()
    labels = text[text.index("func labelSelectorForceNewProperties") :]
    theirs = set(re.findall(r'"\.([A-Za-z.]+)"', text.replace(labels, "")))
    ours = {
        field.removeprefix("spec.containers[*].").removeprefix("metadata.")
        for type_, rules in REPLACED.items()
        if not type_.startswith(("helm.sh/", "pulumi:"))
        for rule in (*rules, *IDENTITY, DATA_OF_SECRET, DATA_OF_CONFIG_MAP)
        for field in rule.fields
        if "initContainers" not in field
    }
    # a changed selector is found by its whole, and a variable's value by the list of variables
    assert theirs - {"env.value", "metadata"} == ours


def test_no_field_is_both_replaced_and_refused() -> None:
    for type_, rules in REFUSED.items():
        refused = {field for rule in rules for field in rule.fields}
        replaced = {field for rule in REPLACED.get(type_, ()) for field in rule.fields}
        assert not refused & replaced
