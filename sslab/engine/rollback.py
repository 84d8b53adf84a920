"""Putting a site back to what an earlier git revision says of it.

The revision's own code deploys its own site file, in a worktree: only so is it what ran then. What
is of the present is the stack and its configuration, so that rotated credentials stay rotated.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sslab.engine import revisions
from sslab.engine.errors import EngineError
from sslab.engine.history import DEPLOYED, Update, before, updates
from sslab.engine.process import foreground
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.git import without_hook
from sslab.progress import Progress

LOCK = "requirements.lock"
SEEN = 100
"""How many updates back a revision is looked for."""
UP = "from sslab.cli.app import main; main()"


@dataclass(frozen=True)
class Rollback:
    """A site on its way from what is deployed now to another revision, both as git hashes."""

    repository: Path
    site: str
    present: Update | None
    target: str

    @property
    def configuration(self) -> str:
        """The file of the stack's configuration, from the repository's root."""
        return f"stacks/Pulumi.{self.site}.yaml"

    @property
    def same_packages(self) -> bool:
        """Tell whether this environment has the packages that the revision's lock names."""
        wanted = revisions.text_of(self.repository, self.target, LOCK)
        return wanted == (self.repository / LOCK).read_text()

    def describe(self) -> str:
        """Return from where to where it goes, one line each."""
        was = "nothing that the history knows of"
        if self.present is not None:
            changed = " with uncommitted changes" if self.present.dirty else ""
            was = f"{self._named(self.present.revision)}{changed}"
        return f"  from {was}\n  to   {self._named(self.target)}"

    def warnings(self) -> list[str]:
        """Return what somebody might expect otherwise."""
        changed = revisions.uncommitted(self.repository)
        told = []
        if changed:
            told.append(
                f"uncommitted changes in {len(changed)} files ({', '.join(changed[:3])}) stay here "
                "and have no part in it"
            )
        if not self.same_packages:
            told.append(f"its {LOCK} is another one: an environment is made for it first")
        return told

    def _named(self, commit: str) -> str:
        if not commit:
            return "what no git revision tells"
        return f"{commit[:12]} {revisions.title(self.repository, commit)}".rstrip()


def plan(repository: Path, site: str, stack: Stack, revision: str | None) -> Rollback:
    """Return where a rollback leads: to a revision, else to the one deployed before the present.

    Raises SslabError where there is no such revision, or it does not know the site.
    """
    history = updates(stack, SEEN)
    present = next((update for update in history if update.kind == DEPLOYED), None)
    if revision is None:
        earlier = before(history)
        if earlier is None:
            raise SslabError(
                f"the history of {site} has no other revision that was deployed successfully",
                remedy=f"name one: `sslab rollback {site} REV`",
            )
        revision = earlier.revision
    commit = revisions.commit_of(repository, revision)
    file = f"sites/{site}.yaml"
    if not revisions.has_file(repository, commit, file):
        raise SslabError(
            f"{file} is not there in {commit[:12]}: that revision does not know the site",
            remedy=f"name another revision (`sslab history {site}`); `sslab destroy {site}` takes "
            "the laboratory away",
        )
    return Rollback(repository, site, present, commit)


def perform(
    rollback: Rollback, environment: Mapping[str, str], progress: Progress, *, ask: bool
) -> None:
    """Deploy the revision with its own code, refreshed, with policies and smoke tests.

    `ask` leaves Pulumi's preview and its question to the deployment. Raises EngineError where it
    fails; what is deployed then is a mixture, and the same command goes on.
    """
    with revisions.worktree(rollback.repository, rollback.target) as tree:
        _keep_configuration(rollback, tree)
        python = _environment_of(rollback, tree, progress)
        words = [str(python), "-c", UP, "up", rollback.site, *([] if ask else ["--yes"])]
        with _excluded(tree, rollback) as excluding:
            code = foreground(words, tree, {**_inherited(environment, tree), **excluding})
    if code != 0:
        raise EngineError(
            f"{rollback.site} was not put back to {rollback.target[:12]}; what went wrong stands "
            "above",
            remedy="mend it and run the same command again: what is done is not done twice",
        )


def _keep_configuration(rollback: Rollback, tree: Path) -> None:
    """Let the worktree work on the present stack's file itself.

    A link, so that a credential which the revision needs and makes is kept whatever happens.
    """
    kept = rollback.repository / rollback.configuration
    link = tree / rollback.configuration
    link.parent.mkdir(exist_ok=True)
    kept.parent.mkdir(exist_ok=True)
    if revisions.tracked(tree, rollback.configuration):
        revisions.overlook(tree, rollback.configuration)
    link.unlink(missing_ok=True)
    link.symlink_to(kept)


def _environment_of(rollback: Rollback, tree: Path, progress: Progress) -> Path:
    """Return the Python that has the revision's packages; `.venv` in the worktree is there then."""
    if rollback.same_packages:
        (tree / ".venv").symlink_to(sys.prefix)
    else:
        with progress.step(f"making the environment of {rollback.target[:12]}"):
            made = subprocess.run(
                ["make", ".venv/installed", f"PYTHON={sys.executable}"],
                cwd=tree, capture_output=True, text=True, check=False,
            )  # fmt: skip
        if made.returncode != 0:
            raise EngineError(
                f"the Python environment of {rollback.target[:12]} could not be made: "
                f"{made.stderr.strip()[-400:]}",
                remedy="nothing was deployed; see that the package registry answers",
            )
    return tree / ".venv" / "bin" / "python"


def _inherited(environment: Mapping[str, str], tree: Path) -> dict[str, str]:
    """Return the environment of the revision's own `sslab up`: the present state, its modules."""
    return {
        **without_hook(environment),
        # before the packages: the clone of the present is installed there, to be edited
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PULUMI_OPTION_REFRESH": "true",
    }


@contextmanager
def _excluded(tree: Path, rollback: Rollback) -> Iterator[dict[str, str]]:
    """Let git not count what was laid into the worktree, so that the history says it is clean."""
    file = tree.parent / "laid"
    file.write_text(f"/.venv\n/{rollback.configuration}\n")
    number = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    yield {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": "core.excludesFile",
        f"GIT_CONFIG_VALUE_{number}": str(file),
    }
