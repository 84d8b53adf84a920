"""The event that started the workflow, and the run itself."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sslab.github.errors import GitHubError


def event() -> Mapping[str, Any]:
    """Return the event as GitHub describes it. Raises GitHubError outside of a workflow."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        raise GitHubError("GITHUB_EVENT_PATH is not set", remedy="this is for a workflow to run")
    found: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found


def run_address() -> str:
    """Return the address of the run, empty outside of a workflow."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
