"""Where things are kept outside the clone.

The cache can be deleted at any time: it is made again. The state is what a running laboratory
consists of; `sslab cluster delete` and `make down` remove what they made.
"""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path, user_state_path


def cache_dir() -> Path:
    """Return the directory of tools, images and downloads (`XDG_CACHE_HOME` moves it)."""
    return user_cache_path("sslab")


def state_dir() -> Path:
    """Return the directory of clusters and stacks (`XDG_STATE_HOME` moves it)."""
    return user_state_path("sslab")
