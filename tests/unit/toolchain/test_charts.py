"""Charts out of Go's module cache, with a stand-in for Go that knows one module."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest

from sslab.toolchain.build import Toolchain
from sslab.toolchain.charts import METALLB_CHART, Chart
from sslab.toolchain.errors import ToolError

ROOT = Path(__file__).parents[3]
CHART = Chart(name="tool", module="tool", source="example.org/tool", folder="charts/tool")
DIGEST = hashlib.sha256(b"the module")

GO = """#!/bin/sh
case "$1" in
version) echo "go version go1.26.0 linux/amd64" ;;
list) [ -d "$SOURCES" ] && echo "$SOURCES" ;;
mod) echo "no such module" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    folder = tmp_path / "toolchain/tool"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module x\n\nrequire example.org/tool v1.2.3 // indirect\n")
    digest = b64encode(DIGEST.digest()).decode()
    (folder / "go.sum").write_text(
        f"example.org/tool v1.2.3 h1:{digest}\nexample.org/tool v1.2.3/go.mod h1:AAAA\n"
    )
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    monkeypatch.setenv("SOURCES", str(tmp_path / "module"))
    return Toolchain(tmp_path / "toolchain", tmp_path / "cache")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """The module as Go keeps it: to read only."""
    templates = tmp_path / "module/charts/tool/templates"
    templates.mkdir(parents=True)
    (templates.parent / "Chart.yaml").write_text("name: tool\n")
    (templates / "pod.yaml").write_text("kind: Pod\n")
    for path in (templates / "pod.yaml", templates, templates.parent):
        path.chmod(path.stat().st_mode & ~0o222)
    return templates.parent


def test_a_charts_folder_is_named_by_version_and_digest(toolchain: Toolchain) -> None:
    found = toolchain.chart(CHART)
    assert found.version == "1.2.3"
    assert found.path.name == f"tool-1.2.3@sha256:{DIGEST.hexdigest()}"


def test_a_chart_is_copied_once_and_can_be_deleted(toolchain: Toolchain, module: Path) -> None:
    toolchain.ensure_charts([CHART])
    folder = toolchain.chart(CHART).path
    assert (folder / "templates/pod.yaml").read_text() == "kind: Pod\n"
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o200, path
    (folder / "Chart.yaml").write_text("kept\n")
    toolchain.ensure_charts([CHART])
    assert (folder / "Chart.yaml").read_text() == "kept\n"


def test_what_an_interrupted_copy_left_is_no_chart(toolchain: Toolchain, module: Path) -> None:
    partial = toolchain.chart(CHART).path.with_name(".tool.partial")
    partial.mkdir(parents=True)
    (partial / "half").touch()
    toolchain.ensure_charts([CHART])
    assert sorted(path.name for path in toolchain.chart(CHART).path.iterdir()) == [
        "Chart.yaml",
        "templates",
    ]


def test_a_module_that_cannot_be_fetched_is_told(toolchain: Toolchain) -> None:
    with pytest.raises(ToolError, match=r"example\.org/tool cannot be fetched: no such module; "):
        toolchain.ensure_charts([CHART])


def test_a_module_without_a_hash_is_an_error(toolchain: Toolchain) -> None:
    (toolchain.sources / "tool/go.sum").write_text("")
    with pytest.raises(ValueError, match=r"has no hash of example\.org/tool"):
        toolchain.chart(CHART)


def test_metallbs_chart_is_pinned() -> None:
    found = Toolchain(ROOT / "toolchain", Path("/cache")).chart(METALLB_CHART)
    assert found.version
    assert len(found.path.name.partition("@sha256:")[2]) == 64
