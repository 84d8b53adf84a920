"""Seconds from a change of one of a hundred sites to the comment about it, as the workflow runs it.

Needs no cluster. In a copy of the repository with a hundred sites one site's file is changed and
committed; then the two commands of the workflows run: the plan of every site against the base, and
the comment, at a stand-in for GitHub's API. Prints a table; the last line is JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from subprocess import run

from benchmarks.plan import SITES, copy, git
from tests.workflows.api import Api, served

SSLAB = str(Path(__file__).parents[1] / ".venv/bin/sslab")
WANTED_S = 30.0
CHANGED = "site-042"


def change(tree: Path) -> str:
    """Change one site, commit it, and return the commit."""
    file = tree / f"sites/{CHANGED}.yaml"
    text = file.read_text()
    assert "replicas: 1" in text
    file.write_text(text.replace("replicas: 1", "replicas: 3"))
    git(tree, "commit", "--quiet", "--all", "--message", "change")
    done = run(
        ["git", "-C", str(tree), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def main() -> None:
    """Measure and print."""
    with copy() as tree, tempfile.TemporaryDirectory() as folder, served(Api(tree)) as api:
        commit = change(tree)
        source = {"full_name": api.name}
        head = {"sha": commit, "repo": source}
        api.pulls[1] = {"number": 1, "state": "open", "head": head}
        api.tokens["token"] = {"pull-requests": "write"}
        event = Path(folder) / "event.json"
        event.write_text(
            json.dumps({"workflow_run": {"head_sha": commit, "head_repository": source}})
        )
        environment = {
            **os.environ,
            "GITHUB_API_URL": api.address,
            "GITHUB_REPOSITORY": api.name,
            "GITHUB_TOKEN": "token",
            "GITHUB_EVENT_PATH": str(event),
        }
        plan = str(Path(folder) / "plan.json")
        took = {}
        for name, words in {
            "plan": ["plan", "--against", "HEAD^", "--number", "1", "--commit", commit, "-o", plan],
            "comment": ["comment", plan],
        }.items():
            started = time.monotonic()
            run(
                [SSLAB, "github", *words],
                cwd=tree,
                env=environment,
                check=True,
                capture_output=True,
            )
            took[name] = time.monotonic() - started
            print(f"sslab github {name:10}{took[name]:6.1f} s", flush=True)
        (comment,) = api.comments.values()
        wanted = f"### Plan of {SITES} sites: 1 changed, {SITES - 1} no change"
        if wanted not in comment["body"] or f"| {CHANGED} |" not in comment["body"]:
            sys.exit(f"the comment is not about the change:\n{comment['body'][:2000]}")
        total = sum(took.values())
        print(f"{'together':23}{total:6.1f} s  (wanted: under {WANTED_S:.0f} s)")
        print(json.dumps({"sites": SITES, "cores": os.cpu_count(), **took, "together": total}))


if __name__ == "__main__":
    main()
