"""The base image: from a registry where one answers, else Debian from the machine's own sources."""

from __future__ import annotations

import platform
import subprocess
import tomllib
from pathlib import Path

from sslab.images import command
from sslab.images.content import BASE
from sslab.images.errors import ImageError
from sslab.images.storage import Storage

ANSWER_S = 10.0
"""How long a registry has to answer, in seconds; the download may take longer."""

_MERGED_USR = Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr")
_APT_NETWORK = (
    *("Acquire::http", "Acquire::https", "Acquire::proxy", "Acquire::Retries"),
    *("Acquire::ForceIPv", "Acquire::Check-", "Acquire::Languages"),
)


def ensure_base(storage: Storage, repository: Path, image: str) -> None:
    """Put the base into the storage under the reference `image`.

    Where it comes from is decided once: the storage keeps it until its description changes.
    """
    description = tomllib.loads((repository / "images" / BASE / "base.toml").read_text())
    log = storage.log(image)
    upstream = description["upstream"]
    try:
        storage.run(
            *("pull", "--policy", "always", upstream),
            what=f"fetching {upstream}",
            log=log,
            first_answer=("Getting image source signatures", ANSWER_S),
        )
    except ImageError:  # no registry answers; its words are in the log
        _bootstrap(storage, description, image, log)
    else:
        storage.run("tag", upstream, image, what=f"naming {image}", log=log)
    log.unlink()


def apt_sources(codename: str) -> list[str]:
    """Return the files with the machine's package sources for its own release.

    apt itself is asked, so both formats of source files are understood and other vendors'
    sources, which have no Python, are left out.
    """
    listed = _output(
        *("apt-get", "indextargets", "--format", "$(SOURCESENTRY)|$(RELEASE)"),
        "Created-By: Packages",
    )
    releases = {codename, f"{codename}-updates", f"{codename}-security"}
    entries = (line.partition("|") for line in listed.splitlines())
    files = sorted(
        {entry.rpartition(":")[0] for entry, _, release in entries if release in releases}
    )
    if not files:
        raise ImageError(
            f"no image registry answers, and apt knows no package source for {codename}",
            remedy="run apt-get update, or make an image registry reachable, and run again",
        )
    return sorted(files)


def apt_options() -> str:
    """Return the machine's network settings of apt (proxies, certificates) as an apt.conf."""
    kept = [line for line in _output("apt-config", "dump").splitlines() if _is_network(line)]
    kept += [
        'Dir::Etc::netrc "/etc/apt/auth.conf";',
        'Dir::Etc::netrcparts "/etc/apt/auth.conf.d";',
    ]
    return "\n".join(kept) + "\n"


def apt_volumes(folder: Path) -> list[str]:
    """Return the volumes by which apt-get works in a build as on this machine.

    They are this machine's package sources and apt's network settings, which are written into
    `folder`; so the base has to be of this machine's release.
    """
    options = folder / "apt.conf"
    options.touch(mode=0o600)
    options.write_text(apt_options())
    sources = apt_sources(_codename())
    return [f"{options}:/etc/apt/apt.conf:ro", *(f"{file}:{file}:ro" for file in sources)]


def _codename() -> str:
    """Return the code name of this machine's release."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")


def _is_network(line: str) -> bool:
    return line.lower().startswith(tuple(prefix.lower() for prefix in _APT_NETWORK))


def _bootstrap(storage: Storage, description: dict[str, list[str]], image: str, log: Path) -> None:
    """Make a Debian with mmdebstrap and put it into the storage."""
    for program in ("mmdebstrap", "apt-get"):
        command.require(
            program,
            why="no image registry answers, so the base is made from this machine's packages",
        )
    codename = _codename()
    context = storage.tmp / "base"
    context.mkdir()
    options = storage.tmp / "apt.conf"
    options.touch(mode=0o600)
    options.write_text(apt_options())
    removed = " ".join(f'"$1"/{path}' for path in description["remove"])
    line = [
        *("mmdebstrap", "--variant=minbase", f"--aptopt={options}"),
        f"--include={','.join(description['packages'])}",
        *(f"--dpkgopt=path-exclude={path}" for path in description["exclude"]),
        *(f"--dpkgopt=path-include={path}" for path in description["include"]),
        *([f"--hook-dir={_MERGED_USR}"] if _MERGED_USR.is_dir() else []),
        f"--customize-hook=rm -rf {removed}",
        *(codename, f"{context}/base.tar", *apt_sources(codename)),
    ]
    command.run(
        line,
        what="making the Debian base",
        log=log,
        environment={"TMPDIR": str(storage.tmp)},
    )
    (context / "Containerfile").write_text("FROM scratch\nADD base.tar /\n")
    storage.build(context, image, arguments={}, log=log)


def _output(*line: str) -> str:
    """Return what a short query of apt prints."""
    return subprocess.run(line, capture_output=True, text=True, check=False).stdout
