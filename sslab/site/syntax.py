"""What a YAML parser's complaint means, in words.

The parser's own words are not passed on: they speak of tokens, and they repeat pieces of the file,
which may be pieces of a secret.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StringMark

from sslab.site.document import START, Place

_QUOTE_IT = "put the value in quotes"


class SyntaxProblem(NamedTuple):
    """Where the YAML is wrong, what is wrong, and the remedy."""

    place: Place
    problem: str
    remedy: str


class _Case(NamedTuple):
    """A complaint (regular expressions for its context and its problem) and what it means."""

    context: str
    complaint: str
    at_context: bool  # the mistake is where the construct begins, not where the parser stopped
    problem: str
    remedy: str


_CASES = (
    _Case("quoted scalar", "unexpected", True, "a quote is opened and not closed", "close it"),
    _Case(
        "quoted scalar",
        "escape",
        False,
        "a backslash in double quotes starts an escape that YAML does not have",
        "write two backslashes, or use single quotes",
    ),
    _Case(
        "flow (sequence|mapping|node)",
        "",
        True,
        "a bracket is opened and not closed, or a comma or quote is missing between the brackets",
        "close it, or write one item on each line below the field",
    ),
    _Case(
        "",
        "mapping values are not allowed",
        False,
        "a second colon on this line, or a line indented too far",
        "indent it like the fields beside it; put text that holds a colon in quotes",
    ),
    _Case(
        "",
        "sequence entries are not allowed",
        False,
        "a list cannot start here",
        'start it on the next line, indented, with "- " before each item',
    ),
    _Case(
        "simple key",
        "could not find expected ':'",
        True,
        "this line has no colon followed by a space",
        'write "field: value"',
    ),
    _Case(
        "block (mapping|collection)",
        "found '(<scalar>|\\]|\\}|,)'",
        False,
        "something follows the end of a value",
        "put the whole value in one pair of quotes, with any quote inside it doubled",
    ),
    _Case(
        "block (mapping|collection)",
        "",
        False,
        "this line does not fit the indentation of the lines above",
        "indent it like the fields or items beside it",
    ),
    _Case(
        "scanning an (alias|anchor)|parsing an? tag|parsing a node",
        "",
        True,
        'a value cannot start with "*", "&" or "!"',
        _QUOTE_IT,
    ),
    _Case(
        "block scalar",
        "",
        False,
        'only a line end may follow "|" or ">"',
        "start the text on the next line, or put it in quotes",
    ),
    _Case("", "cannot start any token", False, "a value cannot start like this", _QUOTE_IT),
    _Case("block node", "", False, "a bracket is closed that is not open", "delete it or open it"),
    _Case("directive", "", True, 'a line cannot start with "%"', "delete the line"),
    _Case("", "incompatible YAML", True, "the YAML version is not 1.2", "delete the %YAML line"),
)


def explain_syntax(error: Exception, text: str) -> SyntaxProblem:
    """Return what an exception of the YAML parser means.

    The parser also raises ValueError and OverflowError, without a position, for an escape such as
    a character number that does not exist; that is told at the first line.
    """
    if not isinstance(error, MarkedYAMLError):
        return SyntaxProblem(START, "is not YAML", "check the quotes and the escapes in them")
    stopped = _place(error.problem_mark) or _place(error.context_mark) or START
    tab = _tab_in_indentation(text, stopped.line)
    if tab:
        return SyntaxProblem(tab, "a tab in the indentation", "use spaces only")
    context, complaint = str(error.context or ""), str(error.problem or "")
    for case in _CASES:
        if re.search(case.context, context) and re.search(case.complaint, complaint):
            begun = _place(error.context_mark) if case.at_context else None
            return SyntaxProblem(begun or stopped, case.problem, case.remedy)
    return SyntaxProblem(
        stopped, "is not YAML", "check quotes, brackets and indentation here and one line above"
    )


def _place(mark: StringMark | None) -> Place | None:
    return Place(mark.line + 1, mark.column + 1) if mark else None


def _tab_in_indentation(text: str, last_line: int) -> Place | None:
    """Return the place of the last tab that indents a line, up to where the parser stopped."""
    for number, line in reversed(list(enumerate(text.split("\n")[:last_line], start=1))):
        indentation = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indentation and number > last_line - 2:
            return Place(number, indentation.index("\t") + 1)
    return None
