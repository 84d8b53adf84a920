"""What is wrong in a file of the repository, where, and the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from sslab.errors import SslabError
from sslab.site.leaks import redacted

Format = Literal["text", "json", "github"]

# Of one file no more than this many are told: nobody mends a longer list before the next run.
MOST_PER_FILE = 100


@dataclass(frozen=True, order=True, slots=True)
class Diagnostic:
    """One thing that is wrong.

    `line` and `column` start at 1 and count characters. `field` is the dotted path of the field
    (`object_storage.buckets[1]`), empty for what concerns the file as a whole. Secrets in the texts
    are taken out and what cannot be printed is escaped, so that each text is safe on one line of
    a terminal or a log.
    """

    file: str
    line: int
    column: int
    field: str
    problem: str
    remedy: str

    def __post_init__(self) -> None:
        """Make every text fit to be printed."""
        for name in ("file", "field", "problem", "remedy"):
            object.__setattr__(self, name, _printable(redacted(getattr(self, name))))

    @property
    def message(self) -> str:
        """The field, the problem and the remedy, without the position."""
        field = f"{self.field}: " if self.field else ""
        return f"{field}{self.problem}; {self.remedy}"

    def __str__(self) -> str:
        """Return `sites/nyu.yaml:14:5: ingress.domain: what is wrong; remedy`."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DiagnosedError(SslabError):
    """Files of the repository are wrong; the message is all diagnostics, one a line."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics))
        super().__init__(as_text(self.diagnostics))


class SiteError(DiagnosedError):
    """A site file is wrong."""


class ContractError(DiagnosedError):
    """A pattern's `pattern.yaml` is wrong."""


def render(diagnostics: Iterable[Diagnostic], format: Format = "text") -> str:
    """Return the diagnostics, sorted, in one of the formats, without a final newline."""
    ordered = sorted(diagnostics)
    if format == "json":
        return as_json(ordered)
    return as_github(ordered) if format == "github" else as_text(ordered)


def as_text(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line for each diagnostic."""
    return "\n".join(str(diagnostic) for diagnostic in diagnostics)


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return `{"diagnostics": [{"file", "line", "column", "field", "problem", "remedy"}]}`."""
    return json.dumps({"diagnostics": [asdict(diagnostic) for diagnostic in diagnostics]}, indent=2)


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one workflow command `::error file=...,line=...,col=...::message` for each.

    The escapes are those of the runner:
    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    return "\n".join(
        f"::error file={_github_property(each.file)},line={each.line},col={each.column},"
        f"title={_github_property(each.field or 'file')}::{_github_text(each.message)}"
        for each in diagnostics
    )


def _github_text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
