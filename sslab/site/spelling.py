"""Guessing what was meant: near names, and the right form of a wrong value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sslab.site import model

# Comparing is quadratic in the length, and no name is longer than a DNS label.
_LONGEST = 64


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely stands for, if one is near enough."""
    if len(name) > _LONGEST:
        return None
    by_form = {_plain(candidate): candidate for candidate in sorted(known, reverse=True)}
    matches = get_close_matches(_plain(name), by_form, n=1, cutoff=0.6)
    return by_form[matches[0]] if matches else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


@dataclass(frozen=True)
class Form:
    """The form of a text: what it is called, how it is written, and how to mend a wrong one."""

    what: str
    rule: str
    mend: Callable[[str], str]


def form_of(pattern: str) -> Form | None:
    """Return the form that a regular expression of the schema stands for."""
    return _FORMS.get(pattern)


def suggestion(pattern: str, text: str) -> str | None:
    """Return the text mended so that it has the form, if that can be done without guessing."""
    form = _FORMS.get(pattern)
    if form is None or len(text) > 253:
        return None
    mended = form.mend(text)
    return mended if mended != text and re.fullmatch(pattern, mended) else None


def _mend_label(text: str) -> str:
    return re.sub(r"[\s_.]+", "-", text.strip().lower()).strip("-")


def _mend_name(text: str) -> str:
    without_scheme = re.sub(r"^[a-z]+://", "", text.strip().lower()).rstrip("/")
    labels = without_scheme.removeprefix("*.").split(".")
    return ".".join(_mend_label(label) for label in labels if label)


def _mend_quantity(text: str) -> str:
    """Correct `6 GB`, `6GiB`, `2gi` and `10K`, as far as only one unit can be meant."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)", text.strip())
    if match is None:
        return text
    number, unit = match.groups()
    units = {"k": "k", **{letter.lower(): letter for letter in "MGTPE"}}
    units |= {f"{letter.lower()}i": f"{letter}i" for letter in "KMGTPE"}
    if unit == "m":
        return number + unit
    return number + units.get(unit.lower().removesuffix("b"), unit)


_FORMS = {
    model.DNS_LABEL: Form(
        "a DNS label",
        "write up to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
        _mend_label,
    ),
    model.DNS_NAME: Form(
        "a DNS name",
        "write lower-case letters, digits and hyphens, in parts joined by dots",
        _mend_name,
    ),
    model.BUCKET_NAME: Form(
        "a bucket name", "write 3 to 63 lower-case letters, digits and hyphens", _mend_label
    ),
    model.QUANTITY: Form(
        "a quantity", 'write a number with a Kubernetes unit, as in "500m" or "6Gi"', _mend_quantity
    ),
    model.ADDRESS: Form(
        "an e-mail address", "write a team's address, as in operations@example.edu", str.strip
    ),
    model.ONE_LINE: Form("one line of text", "write one line without space at its ends", str.strip),
}
