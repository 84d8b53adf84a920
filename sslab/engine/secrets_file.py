"""What `stacks/Pulumi.<site>.yaml` says without a passphrase: its keys, and how it is encrypted."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from sslab.engine.errors import EngineError

PROJECT = "ssl"
PASSPHRASE = "passphrase"


def path(repository: Path, site: str) -> Path:
    """Return where a site's stack file is, there or not."""
    return repository / "stacks" / f"Pulumi.{site}.yaml"


def keys(file: Path) -> Mapping[str, bool]:
    """Return the project's keys in a stack file, and whether the value of each is encrypted."""
    prefix = f"{PROJECT}:"
    return {
        str(full).removeprefix(prefix): isinstance(value, Mapping) and set(value) == {"secure"}
        for full, value in (_document(file).get("config") or {}).items()
        if str(full).startswith(prefix)
    }


def days(repository: Path, file: Path) -> Mapping[str, str]:
    """Return the day of the commit that brought the value of each key, where git knows one.

    A new passphrase encrypts every value anew, and counts as such a commit.
    """
    blamed = _blamed(repository, file)
    if not blamed:
        return {}
    config: Any = _document(file).get("config") or {}
    found = {}
    for full, value in config.items():
        # an encrypted value is on a line of its own
        inner = isinstance(value, CommentedMap) and "secure" in value
        line = (value.lc.value("secure") if inner else config.lc.value(full))[0]
        if line < len(blamed) and (day := blamed[line]) is not None:
            found[str(full).removeprefix(f"{PROJECT}:")] = day
    return found


def provider(file: Path) -> str | None:
    """Return what a stack file is encrypted with: `passphrase`, or the address of a key service.

    None where nothing says so yet.
    """
    document = _document(file)
    if named := document.get("secretsprovider"):
        return str(named)
    return PASSPHRASE if salt(file) else None


def salt(file: Path) -> str | None:
    """Return what tells one passphrase of a stack file from another; None: it has none."""
    found = _document(file).get("encryptionsalt")
    return str(found) if found else None


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """Give a copy to write to, which takes the file's place at the end unless something fails.

    Two at a time wait for one another.
    """
    draft = file.with_name(f".{file.stem}.draft.yaml")
    file.parent.mkdir(exist_ok=True)
    with _locked(file.parent):
        try:
            if file.exists():
                shutil.copy2(file, draft)
            yield draft
            if draft.exists():
                draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _document(file: Path) -> Any:
    if not file.exists():
        return {}
    try:
        return YAML(typ="rt").load(file) or {}
    except YAMLError as error:
        raise EngineError(
            f"{file} is not YAML: {str(error).splitlines()[0]}",
            remedy=f"`git checkout stacks/{file.name}` brings the last one back",
        ) from None


def _blamed(repository: Path, file: Path) -> list[str | None]:
    """Return the day on which each line of a file was committed; None: it was not."""
    blamed = subprocess.run(
        ["git", "blame", "--line-porcelain", "--", str(file)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if blamed.returncode != 0:
        return []
    days: list[str | None] = []
    commit, when = "", 0
    for line in blamed.stdout.splitlines():
        if line.startswith("\t"):
            committed = commit.strip("0") != ""
            days.append(datetime.fromtimestamp(when, UTC).date().isoformat() if committed else None)
        elif line.startswith("committer-time "):
            when = int(line.split()[1])
        elif len(line) > 40 and " " not in line[:40]:
            commit = line[:40]
    return days
