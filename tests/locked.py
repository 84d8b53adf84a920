"""Environments with what an image has: the versions and hashes of its own lock."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def environment(folder: Path, lock: Path) -> Path:
    """Install a lock into a folder, and return where its programs are."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(folder), str(lock)],
    ):
        subprocess.run(command, check=True, timeout=240)
    return folder / "bin"
