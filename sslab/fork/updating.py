"""Merging what is new upstream into a fork, without a conflict about what the fork owns."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sslab.fork.description import FILE, Fork, load_fork
from sslab.fork.errors import ForkError
from sslab.fork.git import BRANCH, REMOTE, Git, require_clean
from sslab.fork.ownership import (
    CODE,
    CODEOWNERS,
    FOUNDING,
    GENERATED,
    OWNED_FOLDERS,
    is_founding,
    is_owned,
)


@dataclass(frozen=True, kw_only=True)
class News:
    """What is new upstream."""

    git: Git
    fork: Fork
    commit: str
    commits: tuple[str, ...]
    """Subjects, the newest first."""
    changes: tuple[tuple[str, str], ...]
    """What they do to which path that is not the fork's."""
    left_out: tuple[tuple[str, str], ...]
    """What they do to paths that are the fork's, and that does not come in."""
    strays: tuple[str, ...]
    """The upstream's own files that an earlier merge by other means has left in the fork."""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.commits or self.strays or self.commit != self.fork.upstream.base)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A merge that is committed."""

    commit: str
    warnings: tuple[str, ...]
    """What of the rest did not work, each with its remedy."""


def news(repository: Path) -> News:
    """Fetch the upstream and return what is new. Raises SslabError; nothing is merged."""
    fork = load_fork(repository)
    if fork is None:
        raise ForkError(
            f"there is no {FILE}: this repository is no fork",
            remedy="`sslab fork init` makes a clone one's own, `git pull` updates one that is not",
        )
    git = Git(repository)
    require_clean(git)
    if git.remote_url() is None:
        git.run("remote", "add", REMOTE, fork.upstream.url)
    git.run("fetch", "--quiet", "--no-tags", REMOTE, f"+{BRANCH}:refs/remotes/{REMOTE}/{BRANCH}")
    commit = git.run("rev-parse", f"refs/remotes/{REMOTE}/{BRANCH}").strip()
    _require_history(git, fork, commit)
    base = git.run("merge-base", "HEAD", commit).strip()
    changed = _changed(git, base, commit)
    return News(
        git=git,
        fork=fork,
        commit=commit,
        commits=tuple(git.run("log", "--format=%s", f"HEAD..{commit}").splitlines()),
        changes=tuple(each for each in changed if not is_owned(each[1])),
        left_out=tuple(each for each in changed if is_owned(each[1])),
        strays=_strays(git, base, commit),
    )


def merge(found: News) -> Merged:
    """Merge and commit. Raises ForkError with the files whose conflict is left to git.

    Whatever else goes wrong, the merge is undone.
    """
    git = found.git
    try:
        conflicts = _merge(found)
        if not conflicts:
            return _commit(found)
    except BaseException:
        git.attempt("merge", "--abort")
        git.attempt("reset", "--quiet", "--hard", "HEAD")  # all was committed before
        raise
    raise ForkError(
        f"both sides changed {', '.join(conflicts)}; what the fork owns is settled",
        remedy="mend these files, then `git add` them and `git commit`; or undo everything "
        "with `git merge --abort`",
    )


def _commit(found: News) -> Merged:
    git, number = found.git, len(found.commits)
    warnings = _make_anew(found)
    subject = f"Merge {number} commit{'' if number == 1 else 's'} of the upstream"
    if not number:
        subject = "Keep to the fork what an earlier merge brought in"
    git.run("commit", "--quiet", "--no-verify", "-m", f"{subject}\n\nUp to {found.commit}.")
    return Merged(commit=git.run("rev-parse", "HEAD").strip(), warnings=warnings)


def _require_history(git: Git, fork: Fork, commit: str) -> None:
    """Raise ForkError where git would merge from another point than the last update."""
    base = fork.upstream.base
    if git.commit_of(base) is None:
        raise ForkError(
            f"{FILE}: upstream.base: {base[:12]} is no commit of the upstream",
            remedy="write the commit that was merged last; `git log` has it",
        )
    if not git.is_ancestor(base, "HEAD"):
        raise ForkError(
            f"{base[:12]}, which {FILE} says was merged last, is not in this branch's history: "
            "that update was squashed or rebased",
            remedy=f"`git merge -s ours {base[:12]}` tells git that it is merged; merge the next "
            "update by a merge commit",
        )
    if not git.is_ancestor(base, commit):
        raise ForkError(
            f"the upstream's {BRANCH} does not contain {base[:12]} any more, which {FILE} says was "
            "merged last",
            remedy=f"check where the remote {REMOTE} leads: `git remote get-url {REMOTE}`",
        )


def _changed(git: Git, older: str, newer: str) -> list[tuple[str, str]]:
    """Return what was done to which path between two commits."""
    words = ("diff", "--no-renames", "--name-status", "-z", older, newer)
    fields = git.paths(*words)
    return list(zip((each[0] for each in fields[::2]), fields[1::2], strict=True))


def _strays(git: Git, base: str, commit: str) -> tuple[str, ...]:
    """Return the site files and stacks in HEAD that are the upstream's, to the byte."""
    theirs = {*git.files(base).items(), *git.files(commit).items()}
    return tuple(
        path
        for path, blob in git.files("HEAD").items()
        if is_owned(path)
        and (path, blob) in theirs
        and PurePosixPath(path).parts[0] in OWNED_FOLDERS
    )


def _merge(found: News) -> list[str]:
    """Merge into index and working tree; return the files whose conflict only a person settles."""
    git = found.git
    if found.commits:
        done = git.attempt("merge", "--no-ff", "--no-commit", "--quiet", found.commit)
        if git.commit_of("MERGE_HEAD") is None:
            raise ForkError(
                f"git could not merge: {(done.stderr or done.stdout).strip()[-600:]}",
                remedy="mend that and run the command again; nothing was changed",
            )
    _keep_own(git, found.strays)
    _mirror(git, found.commit)
    _move_base(git, found)
    open_files = set(git.paths("diff", "--name-only", "--diff-filter=U", "-z"))
    for path in sorted(open_files & set(GENERATED)):
        git.run("checkout", "--quiet", "--theirs", "--", path)
        git.run("add", "--", path)
    return sorted(open_files - set(GENERATED))


def _keep_own(git: Git, strays: tuple[str, ...]) -> None:
    """Put every path that the fork owns back to what it was before the merge."""
    own = {path for path in git.files("HEAD") if is_owned(path)} - set(strays)
    for path in {*git.paths("ls-files", "-z"), *_untracked(git)} - own:
        if is_owned(path):
            git.run("rm", "--quiet", "--force", "--ignore-unmatch", "--", path)
            (git.folder / path).unlink(missing_ok=True)
    if own:
        git.run("checkout", "--quiet", "HEAD", "--", *sorted(own))


def _untracked(git: Git) -> list[str]:
    """Return what the merge may have left beside the index, such as `nyu.yaml~HEAD`."""
    return git.paths("ls-files", "-z", "--others", "--exclude-standard")


def _mirror(git: Git, commit: str) -> None:
    """Make the copies of the upstream's site files anew."""
    folder = git.folder / FOUNDING
    wanted = {
        f"{FOUNDING}/{PurePosixPath(path).name}": blob
        for path, blob in git.files(commit, "sites").items()
        if is_owned(path)
    }
    for path in set(git.paths("ls-files", "-z", "--", FOUNDING)) - set(wanted):
        assert is_founding(path)
        git.run("rm", "--quiet", "--force", "--", path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, blob in wanted.items():
        (git.folder / path).write_bytes(git.content(blob))
        git.run("add", "--", path)


def _move_base(git: Git, found: News) -> None:
    """Write into fork.yaml which commit was merged last; comments stay."""
    path = git.folder / FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(found.fork.upstream.base, found.commit), encoding="utf-8")
    git.run("add", "--", FILE)


def _make_anew(found: News) -> tuple[str, ...]:
    """Make the generated files from the merged code; return what did not work."""
    git = found.git
    made: dict[str, tuple[str, ...]] = {"CODEOWNERS": CODEOWNERS}
    if git.attempt("diff", "--cached", "--quiet", found.commit, "--", *CODE).returncode == 0:
        # made of the upstream's code and nothing else, they are the upstream's
        git.run("checkout", "--quiet", found.commit, "--", *GENERATED)
    else:
        made |= GENERATED
    warnings = []
    for path, words in made.items():
        done = subprocess.run(
            (sys.executable, *words), cwd=git.folder, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode == 0:
            (git.folder / path).write_text(done.stdout, encoding="utf-8")
            git.run("add", "--", path)
        else:
            last = re.sub(r"\s+", " ", done.stderr.strip())[-300:]
            warnings.append(
                f"{path} was not made anew: {last}; after `make .venv/installed`, "
                "`make test-fast` names the command that makes it"
            )
    return tuple(warnings)
