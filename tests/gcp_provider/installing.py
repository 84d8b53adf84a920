"""Laying the plugin where the engine looks for it."""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from tests.gcp_provider.cloud import Cloud

ROOT = Path(__file__).parents[2]


def install(home: Path, folder: Path) -> Cloud:
    """Install the plugin into a Pulumi home, for a cloud whose resources are kept in a folder."""
    wanted = version("pulumi-gcp")
    program = home / "plugins" / f"resource-gcp-v{wanted}" / "pulumi-resource-gcp"
    program.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "tests.gcp_provider", str(folder), wanted]
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.join(words)} "$@"\n'
    )
    program.chmod(0o755)
    return Cloud(folder)
