"""`fork.yaml`: whose laboratory a fork is, and which repository it came from.

The file is there in a fork and nowhere else, so that no merge ever touches it.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, ValidationError

from sslab.site.diagnostics import DiagnosedError, Diagnostic
from sslab.site.explanations import explain
from sslab.site.reading import read_document
from sslab.site.types import Commit, DnsLabel, DnsName, GitAddress, GitHubOwner, Model

FILE = "fork.yaml"


class Upstream(Model):
    """The repository that a fork came from."""

    url: GitAddress = Field(
        description="Where it is fetched from, without credentials.",
        examples=["https://github.com/example/ssl"],
    )
    base: Commit = Field(
        description="Its commit that was merged last, all 40 digits.",
        examples=["0123456789abcdef0123456789abcdef01234567"],
    )


class Fork(Model):
    """Whose laboratory a fork is."""

    name: DnsLabel = Field(
        description="The fork's name, and that of its first site.", examples=["mycampus"]
    )
    domain: DnsName = Field(
        description="The fork's domain: sites get theirs below it.", examples=["ssl.mycampus.edu"]
    )
    owner: GitHubOwner | None = Field(
        default=None,
        description="The GitHub team or account that reviews changes. Null: nobody is asked.",
        examples=["@mycampus/ssl"],
    )
    upstream: Upstream = Field(description="The repository that the fork came from.")


def is_fork(repository: Path) -> bool:
    """Tell whether a checkout is a fork's."""
    return (repository / FILE).exists()


def read_fork(repository: Path) -> tuple[Fork | None, tuple[Diagnostic, ...]]:
    """Return what fork.yaml says, None where there is none, and what is wrong in it."""
    if not is_fork(repository):
        return None, ()
    document, problems = read_document(repository / FILE, FILE)
    if document.data is None:
        return None, problems
    try:
        fork = Fork.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        return None, tuple(sorted({*problems, *explain(document, error, Fork, root=FILE)}))
    return (None if problems else fork), problems


def load_fork(repository: Path) -> Fork | None:
    """Return what fork.yaml says, None where there is none. Raises DiagnosedError."""
    fork, diagnostics = read_fork(repository)
    if diagnostics:
        raise DiagnosedError(diagnostics)
    return fork


def as_text(fork: Fork) -> str:
    """Return the file."""
    owner = "null" if fork.owner is None else json.dumps(fork.owner)
    return f"""\
# Whose laboratory this fork is. `sslab fork init` wrote it; docs/fork.md explains it.
name: {fork.name}
domain: {fork.domain}
owner: {owner}  # the GitHub team that reviews changes; CODEOWNERS is made from it
upstream:
  url: {fork.upstream.url}
  base: {fork.upstream.base}  # merged last; `sslab fork update` moves it
"""
