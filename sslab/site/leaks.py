"""Finding what looks like a secret, so that it is reported and never printed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

HIDDEN = "(hidden)"
NO_PLACE = "a file in git is no place for a secret"
REMEDY = "take it out, revoke it, and keep its successor in the stack's encrypted configuration"


def _encoded(header: str) -> str:
    """Return how base64 text that holds `header` at its start begins."""
    whole = len(header) // 3 * 3  # the last letters depend on what follows
    return base64.b64encode(header[:whole].encode()).decode()


_PRIVATE_KEYS = ("PRIVATE", "ENCRYPTED PRIVATE", "RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE")

# The identifiers are those that their makers document: AWS in "IAM identifiers", GitHub in
# "About authentication to GitHub", age in its specification.
_LOOKS: tuple[tuple[str, str], ...] = (
    ("a private key", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"),
    ("a private key", "|".join(_encoded(f"-----BEGIN {kind} KEY") for kind in _PRIVATE_KEYS)),
    ("a private key", "AGE-SECRET-KEY-1[0-9A-Za-z]*"),
    ("an AWS access key", "(?:AKIA|ASIA)[A-Z0-9]{16}"),
    ("a GitHub token", r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{22,}"),
    ("a JSON web token", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    ("a password in an address", r"(?<=://)[^/\s:@]{1,100}:[^/\s@]{1,100}(?=@)"),
)
_SECRET = re.compile("|".join(f"(?P<look{n}>{look})" for n, (_, look) in enumerate(_LOOKS)))

# what looks like a key is its head alone; behind it comes what has to be hidden
_WHOLE_KEYS = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?:(?s:.*?)-----END [A-Z ]{0,30}PRIVATE KEY-----|(?s:.*))"
    # base64 goes on in the next line
    rf"|(?:{_LOOKS[1][1]})(?:[A-Za-z0-9+/=]|(?:\s|\\[rn])+(?=[A-Za-z0-9+/=]{{20}}))*"
)

_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|token|credential|(api|access|private)key|privatekey"
)


@dataclass(frozen=True, slots=True)
class Leak:
    """Something in a text that looks like a secret: what it is, and where it starts."""

    what: str
    index: int


def leaks_in(text: str) -> Iterator[Leak]:
    """Yield what looks like a secret, in the order of the text."""
    for match in _SECRET.finditer(text):
        assert match.lastgroup is not None  # every branch is a named group
        what, _ = _LOOKS[int(match.lastgroup.removeprefix("look"))]
        yield Leak(what, match.start())


def redacted(text: str) -> str:
    """Return the text with `(hidden)` in place of what looks like a secret.

    A private key goes as a whole; where its end is not there, all that follows does.
    """
    return _SECRET.sub(HIDDEN, _WHOLE_KEYS.sub(HIDDEN, text))


def names_a_secret(field: str) -> bool:
    """Tell whether a field's name says that its value is a secret: `password`, `api_key`, ..."""
    return _SECRET_NAME.search(re.sub(r"[-_. ]", "", field.lower())) is not None
