"""Where the repository is."""

from __future__ import annotations

from pathlib import Path

from sslab.errors import SslabError

MARKER = "Pulumi.yaml"


def repository_root() -> Path:
    """Return the checkout: the nearest folder with a Pulumi.yaml, from the current one upwards.

    Outside any checkout, the one that this package is in. Raises SslabError where there is none.
    """
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            if (folder / MARKER).is_file():
                return folder
    raise SslabError(
        f"no {MARKER} in {Path.cwd()} or above it",
        remedy="run the command in a clone of the repository",
    )
