"""A folder for what a run writes down for itself: providers leave the kubeconfig's text there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.paths import state_dir


@contextmanager
def scratch(name: str) -> Iterator[dict[str, str]]:
    """Return the variable that leads a site's run there; the folder is gone at the end.

    Those of runs that were killed go as well.
    """
    root = state_dir() / "tmp"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in root.glob(f"{name}.*"):
        if not Path(f"/proc/{folder.name.split('.')[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{name}.{os.getpid()}.", dir=root, ignore_cleanup_errors=True
    ) as made:
        yield {"TMPDIR": made}
