"""What the machine's distribution has to bring: containerd, runc, buildah and the like."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sslab.progress import Progress
from sslab.toolchain.errors import ToolError

SEARCH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True)
class HostProgram:
    """A program of the machine, the Debian package that has it, and what it is needed for."""

    name: str
    package: str
    purpose: str
    path: str | None = None  # where it is no program on PATH


BUILDING = (
    HostProgram("buildah", "buildah", "builds images"),
    HostProgram("mmdebstrap", "mmdebstrap", "makes the images' base where no registry answers"),
)

PUSHING = (HostProgram("skopeo", "skopeo", "pushes images to a site's registry"),)
"""What only a site with a registry needs."""

HOST_PROGRAMS = (
    HostProgram("containerd", "containerd", "runs the pods' containers"),
    HostProgram("ctr", "containerd", "loads images into containerd"),
    HostProgram("runc", "runc", "starts a container"),
    HostProgram(
        "bridge", "containernetworking-plugins", "the pods' network", "/usr/lib/cni/bridge"
    ),
    HostProgram("iptables", "iptables", "the cluster's services"),
    HostProgram("ip", "iproute2", "network namespaces"),
    HostProgram("sysctl", "procps", "settings of a network namespace"),
    HostProgram("nsenter", "util-linux", "runs a process in a cluster's network"),
    HostProgram("setpriv", "util-linux", "ends a process with its supervisor"),
    HostProgram("mount", "mount", "the pods' volumes"),
    HostProgram("socat", "socat", "publishes the ingress on loopback"),
    *BUILDING,
)
"""What an embedded cluster needs."""


def find(program: HostProgram) -> Path | None:
    """Return where the machine has the program, None where it has not."""
    if program.path:
        return Path(program.path) if Path(program.path).exists() else None
    everywhere = os.pathsep.join((os.environ.get("PATH", ""), *SEARCH))
    found = shutil.which(program.name, path=everywhere)
    return Path(found) if found else None


def missing(wanted: Sequence[HostProgram]) -> list[HostProgram]:
    """Return those of the programs that the machine has not."""
    return [program for program in wanted if find(program) is None]


def install_command(programs: Sequence[HostProgram]) -> list[str]:
    """Return the command that installs them; it removes nothing that is installed."""
    packages = sorted({program.package for program in programs})
    return ["apt-get", "install", "--yes", "--no-install-recommends", "--no-remove", *packages]


def ensure(progress: Progress, wanted: Sequence[HostProgram] = HOST_PROGRAMS) -> None:
    """Install what is missing, on Debian and Ubuntu as root; elsewhere say what to install.

    Raises ToolError.
    """
    absent = missing(wanted)
    if not absent:
        return
    command = install_command(absent)
    names = ", ".join(program.name for program in absent)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ToolError(
            f"these programs are missing: {names}",
            remedy=f"install them; on Debian and Ubuntu: `sudo {' '.join(command)}`",
        )
    progress.line(f"  installing from the distribution: {' '.join(command[5:])}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with progress.step("apt-get install"):
        for words in (["apt-get", "update", "--quiet"], command):
            done = subprocess.run(
                words, env=environment, capture_output=True, text=True, check=False
            )
    if done.returncode != 0 or missing(wanted):
        raise ToolError(
            f"apt-get could not install {names}: {done.stderr.strip()[-400:]}",
            remedy=f"run `{' '.join(command)}` and see what it says",
        )
