"""The few actions that the workflows use, done by the harness."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.workflows.job import Job

ROOT = Path(__file__).parents[2]
NOWHERE = "/nonexistent/the-token-is-not-kept"


class ActionError(Exception):
    """An action that fails, as it would at GitHub."""


def checkout(job: Job, given: Mapping[str, str]) -> None:
    """Clone `origin` at the revision of the event, as deep as it is asked for."""
    known(given, "fetch-depth", "persist-credentials")
    depth = int(given.get("fetch-depth", "1"))
    folder = job.workspace
    origin = f"file://{job.hub.origin.bare}"
    shutil.rmtree(folder, ignore_errors=True)
    run("git", "init", "--quiet", str(folder))
    run("git", "-C", str(folder), "remote", "add", "origin", origin)
    words = [f"--depth={depth}"] if depth else []
    wanted = f"+{job.revision}:refs/remotes/origin/here"
    every = ["+refs/heads/*:refs/remotes/origin/*"] if not depth else []
    run("git", "-C", str(folder), "fetch", "--quiet", *words, "origin", wanted, *every)
    run("git", "-C", str(folder), "checkout", "--quiet", "--detach", job.revision)
    keeps = given.get("persist-credentials", "true") == "true"
    if not keeps or job.rights.get("contents") != "write":
        run("git", "-C", str(folder), "remote", "set-url", "--push", "origin", NOWHERE)
    _environment(folder)


def _environment(folder: Path) -> None:
    """Give a workspace the Python environment of this clone, as if it had just been made."""
    (folder / ".venv").symlink_to(ROOT / ".venv")
    with (folder / ".git/info/exclude").open("a") as file:
        file.write("/.venv\n")
    for name in ("requirements.lock", "pyproject.toml"):
        if (folder / name).exists():
            os.utime(folder / name, (0, 0))


def cache(job: Job, given: Mapping[str, str]) -> None:
    """Do nothing: the folders of this machine are kept anyway. The key has to be one."""
    known(given, "path", "key", "restore-keys")
    if not given["path"].strip() or not given["key"].strip():
        raise ActionError("a cache without a path or a key")


def upload(job: Job, given: Mapping[str, str]) -> None:
    """Keep a file under a name with the run."""
    known(given, "name", "path", "retention-days")
    source = job.workspace / given["path"]
    if not source.is_file():
        return  # as the action does: it warns
    target = job.hub.artifacts / str(job.run.number) / given["name"]
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target / source.name)


def download(job: Job, given: Mapping[str, str]) -> None:
    """Lay what a run has kept under a name into a folder."""
    known(given, "name", "path", "run-id", "github-token")
    if given["github-token"] != job.token or job.rights.get("actions") != "read":
        raise ActionError("the token may not read artifacts of another run")
    source = job.hub.artifacts / given["run-id"] / given["name"]
    if not source.is_dir():
        raise ActionError(f"Unable to download artifact(s): Artifact not found: {given['name']}")
    shutil.copytree(source, Path(given["path"]), dirs_exist_ok=True)


ACTIONS = {
    "actions/checkout": checkout,
    "actions/cache": cache,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
}


def known(given: Mapping[str, str], *names: str) -> None:
    """Fail on an input that the harness does not heed."""
    unknown = set(given) - set(names)
    assert not unknown, f"the harness does not know the inputs {unknown}"


def run(*words: str) -> None:
    """Run a command that has to succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
