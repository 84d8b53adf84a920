"""Building the pinned programs, with a stand-in for Go that records what it was asked."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from rich.console import Console

from sslab.progress import Progress, duration
from sslab.toolchain import golang, machine
from sslab.toolchain.build import Toolchain
from sslab.toolchain.errors import ToolError
from sslab.toolchain.programs import (
    CLUSTER,
    ENGINE,
    HELM,
    OPENSTACK,
    OPTIONAL,
    Program,
    module_hash,
    pinned_version,
)

ROOT = Path(__file__).parents[3]
TOOL = Program(name="tool", module="tool", ldflags="-X v={version}.{major}")

GO = """#!/bin/sh
case "$1" in
version) echo "go version go1.26.0 linux/amd64" ;;
build)
  echo build >> "$LOG"
  sleep 0.3
  while [ "$1" != -o ]; do shift; done
  [ -n "$FAIL" ] && { echo "main.go:3: undefined: x" >&2; exit 1; }
  echo program > "$2" ;;
esac
"""


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    sources = tmp_path / "toolchain"
    (sources / "tool").mkdir(parents=True)
    (sources / "tool/go.mod").write_text("module tool\n\ngo 1.24.0\n")
    (sources / "tool/main.go").write_text("package main\n")
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    monkeypatch.setenv("LOG", str(tmp_path / "builds"))
    monkeypatch.delenv("FAIL", raising=False)
    return Toolchain(sources, tmp_path / "cache")


def quiet() -> Progress:
    return Progress(Console(quiet=True))


def builds(toolchain: Toolchain) -> int:
    log = toolchain.sources.parent / "builds"
    return len(log.read_text().split()) if log.exists() else 0


def test_a_program_is_built_once(toolchain: Toolchain) -> None:
    assert toolchain.missing([TOOL]) == [TOOL]
    toolchain.ensure([TOOL], quiet())
    toolchain.ensure([TOOL], quiet())
    assert toolchain.path(TOOL).read_text() == "program\n"
    assert builds(toolchain) == 1


def test_a_changed_pin_is_another_place(toolchain: Toolchain) -> None:
    toolchain.ensure([TOOL], quiet())
    before = toolchain.path(TOOL)
    (toolchain.sources / "tool/go.mod").write_text("module tool\n\ngo 1.25.0\n")
    assert toolchain.path(TOOL) != before
    assert toolchain.missing([TOOL]) == [TOOL]


def test_two_runs_at_once_build_once(toolchain: Toolchain) -> None:
    runs = [threading.Thread(target=toolchain.ensure, args=([TOOL], quiet())) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert builds(toolchain) == 1
    assert toolchain.path(TOOL).exists()


def test_a_failed_build_leaves_nothing_that_looks_finished(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "1")
    with pytest.raises(ToolError, match="undefined: x") as refused:
        toolchain.ensure([TOOL], quiet())
    assert "run again" in str(refused.value)
    assert toolchain.missing([TOOL]) == [TOOL]
    monkeypatch.delenv("FAIL")
    toolchain.ensure([TOOL], quiet())
    assert toolchain.missing([TOOL]) == []


def test_progress_tells_what_n_of_m_and_how_long(
    toolchain: Toolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    toolchain.ensure([TOOL], Progress())
    assert "building tool (1 of 1): 0." in capsys.readouterr().err


@pytest.mark.parametrize("program", [*CLUSTER, *ENGINE, *OPTIONAL], ids=lambda each: each.name)
def test_every_program_has_a_pinned_version(program: Program) -> None:
    assert (ROOT / "toolchain" / program.module / "go.mod").exists()
    assert program.version(ROOT / "toolchain")
    assert len(module_hash(ROOT / "toolchain", program.module)) == 16


def test_the_engine_and_its_python_packages_have_one_version() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pulumi, _, provider = ENGINE
    assert f"\npulumi=={pulumi.version(ROOT / 'toolchain')} " in lock
    assert f"\npulumi-kubernetes=={provider.version(ROOT / 'toolchain')} " in lock
    assert f"\npulumi-openstack=={OPENSTACK.version(ROOT / 'toolchain')} " in lock


def test_a_plan_renders_charts_by_the_helm_that_the_provider_has() -> None:
    provider = ROOT / "toolchain/pulumi-resource-kubernetes/go.mod"
    assert HELM.version(ROOT / "toolchain") == pinned_version(provider, HELM.pin)


def test_an_old_go_is_not_used(toolchain: Toolchain) -> None:
    assert golang.on_path() is not None
    go = toolchain.sources.parent / "bin/go"
    go.write_text(GO.replace("go1.26.0", "go1.19.8"))
    assert golang.on_path() is None


def test_a_pin_that_is_missing_is_an_error(tmp_path: Path) -> None:
    go_mod = tmp_path / "go.mod"
    go_mod.write_text("module x\n")
    with pytest.raises(ValueError, match=r"does not pin k8s\.io/kubernetes"):
        pinned_version(go_mod, "k8s.io/kubernetes")


def test_missing_programs_are_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = [machine.HostProgram("ctr", "containerd", ""), machine.HostProgram("x", "y", "")]
    monkeypatch.setattr(machine, "missing", lambda _: absent)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ToolError, match=r"missing: ctr, x; .*--no-remove containerd y"):
        machine.ensure(quiet())


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (65, "1 min 05 s")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text
