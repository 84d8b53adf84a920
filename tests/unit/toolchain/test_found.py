"""Which tools of the machine are used as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from sslab.paths import state_dir
from sslab.toolchain import found
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import ACTIONLINT, ENGINE, HELM, METALLB, OAUTH2_PROXY, OPENSTACK

ROOT = Path(__file__).parents[3]
PULUMI, _, PROVIDER = ENGINE


def program(path: Path, said: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {said}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("said", "used"),
    [("v3.259.0", True), ("v3.300.1", True), ("v3.258.9", False), ("v4.0.0", False), ("x", False)],
)
def test_a_compatible_pulumi_is_used(said: str, used: bool, tmp_path: Path) -> None:
    pulumi = program(tmp_path / "bin/pulumi", said)
    program(tmp_path / "bin/pulumi-language-python")
    assert found.own_pulumi("3.259.0") == (pulumi if used else None)


def test_pulumi_without_its_language_host_is_not_used(tmp_path: Path) -> None:
    program(tmp_path / "bin/pulumi", "v3.259.0")
    assert found.own_pulumi("3.259.0") is None


def test_the_machines_plugin_is_used_at_this_version(tmp_path: Path) -> None:
    name = "pulumi-resource-kubernetes"
    plugin = program(tmp_path / "pulumi/plugins/resource-kubernetes-v4.25.0" / name)
    assert found.own_plugin(PROVIDER, "4.25.0") == plugin
    assert found.own_plugin(PROVIDER, "4.26.0") is None
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    paths, wanted = found.engine(toolchain)
    assert paths[name] == plugin
    assert PROVIDER not in wanted


def test_what_the_environment_lays_out_is_no_tool_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = state_dir() / "pulumi"
    program(home / "bin/pulumi", "v3.259.0")
    program(home / "bin/pulumi-language-python")
    program(home / "plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes")
    monkeypatch.setenv("PULUMI_HOME", str(home))
    monkeypatch.setenv("PATH", f"{home / 'bin'}:/usr/bin:/bin")
    assert found.own_pulumi("3.259.0") is None
    assert found.own_plugin(PROVIDER, "4.25.0") is None


def test_the_machines_openstack_plugin_is_used_at_this_version(tmp_path: Path) -> None:
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    assert found.plugin(toolchain, OPENSTACK) == toolchain.path(OPENSTACK)
    version = OPENSTACK.version(toolchain.sources)
    plugin = program(tmp_path / f"pulumi/plugins/resource-openstack-v{version}/{OPENSTACK.name}")
    assert found.plugin(toolchain, OPENSTACK) == plugin


def test_what_few_sites_need_is_optional_until_it_is_built(tmp_path: Path) -> None:
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    tools = {tool.name: tool for tool in found.everything(toolchain)}
    for optional in (OPENSTACK, *METALLB, OAUTH2_PROXY):
        tool = tools[optional.name]
        assert (tool.source, tool.path) == ("optional", None)
        assert f"toolchain/{optional.module} by `sslab up` of a site that needs it" in tool.how
    assert tools[ACTIONLINT.name].how == "built from toolchain/actionlint by the tests"
    by_plan = "built from toolchain/helm by `sslab plan` of a site with charts in its mirror"
    assert tools[HELM.name].how == by_plan
    built = program(toolchain.path(OPENSTACK))
    tools = {tool.name: tool for tool in found.everything(toolchain)}
    assert (tools[OPENSTACK.name].source, tools[OPENSTACK.name].path) == ("cache", built)


def test_the_machines_kubectl_is_used_until_one_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    built = found.cluster(toolchain)[0]["kubectl"]
    own = program(tmp_path / "bin/kubectl")
    assert found.kubectl(toolchain) == own
    program(built)
    assert found.kubectl(toolchain) == built
    built.unlink()
    own.unlink()
    assert found.kubectl(toolchain) == built
