"""The forms of texts: what each is called, how it is written, and how a wrong one is mended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sslab.site import types


@dataclass(frozen=True)
class Form:
    """The form of a text: what it is called, how it is written, and how to mend a wrong one."""

    what: str
    rule: str
    mend: Callable[[str], str] = str.strip


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


def _mend_date(text: str) -> str:
    """Correct `2026/1/5` and `2026.01.05`; days before months are not guessed at."""
    match = re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?", text.strip())
    if match is None:
        return text
    return "-".join([match[1], *(piece.zfill(2) for piece in match.groups()[1:] if piece)])


def _mend_time(text: str) -> str:
    match = re.fullmatch(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?", text.strip())
    return f"{match[1].zfill(2)}:{match[2] or '00'}" if match else text


def _mend_registry(text: str) -> str:
    return re.sub(r"^[a-z]+://", "", text.strip().lower()).rstrip("/")


_FORMS = {
    types.DNS_LABEL: Form(
        "a DNS label",
        "write up to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
        _mend_label,
    ),
    types.DNS_NAME: Form(
        "a DNS name",
        "write lower-case letters, digits and hyphens, in parts joined by dots",
        _mend_name,
    ),
    types.BUCKET_NAME: Form(
        "a bucket name", "write 3 to 63 lower-case letters, digits and hyphens", _mend_label
    ),
    types.BUCKET_PREFIX: Form(
        "a prefix of bucket names",
        "write up to 31 lower-case letters, digits and hyphens",
        lambda text: re.sub(r"[\s_.]+", "-", text.strip().lower()),
    ),
    types.QUANTITY: Form(
        "a quantity", 'write a number with a Kubernetes unit, as in "500m" or "6Gi"', _mend_quantity
    ),
    types.GITHUB_OWNER: Form(
        "a GitHub team or account",
        'write it as in "@example/ssl"',
        lambda text: f"@{text.strip().lstrip('@')}",
    ),
    types.GIT_ADDRESS: Form(
        "the address of a git repository, without credentials",
        'write it as in "https://github.com/example/ssl"; git asks for a password by itself',
    ),
    types.COMMIT: Form("a commit", "write all 40 digits of its hash, as `git rev-parse` does"),
    types.MAIL_ADDRESS: Form(
        "an e-mail address", "write a team's address, as in operations@example.edu"
    ),
    types.ONE_LINE: Form("one line of text", "write one line without space at its ends"),
    types.WORD: Form(
        "a name",
        "write letters, digits, dots, hyphens and underscores, without spaces",
        lambda text: re.sub(r"\s+", "-", text.strip()),
    ),
    types.WEB_ADDRESS: Form(
        "a web address",
        'write it as in "https://login.example.edu", without "?" and "#"',
        lambda text: text.strip() if "://" in text else f"https://{text.strip()}",
    ),
    types.CLIENT_ID: Form(
        "a client id",
        'write it as the issuer gave it, as in "ssl" or "cilogon:/client_id/1234", without spaces',
        lambda text: text.strip(),
    ),
    types.ENTITY_ID: Form(
        "an EntityID",
        'write it as the federation lists it, as in "https://idp.example.edu/shibboleth" or '
        '"urn:mace:incommon:example.edu"',
    ),
    types.REGISTRY_PATH: Form(
        "a registry's host, with or without a path",
        'write it as in "registry.example.edu/ssl"',
        _mend_registry,
    ),
    types.CHART_MIRROR: Form(
        "a directory or an OCI address",
        'write it as in "./charts", "/srv/charts" or "oci://mirror.example.edu/charts"',
    ),
    types.CHART_ADDRESS: Form(
        "a chart repository or an OCI address",
        'write it as in "https://charts.example.org" or "oci://registry.example.org/charts/app"',
    ),
    types.CHART_VERSION: Form("a chart's version", 'write it as in "1.8.5"'),
    types.DIGEST: Form("a digest", 'write "sha256:" and 64 hexadecimal digits'),
    types.NAMESPACED_NAME: Form(
        "an object's namespace and name", 'write both with a slash, as in "gateways/public"'
    ),
    types.RESOURCE_NAME: Form(
        "an extended resource", 'write domain, slash and name, as in "nvidia.com/gpu"'
    ),
    types.ABSOLUTE_PATH: Form("an absolute path", 'write it from the root, as in "/export/ssl"'),
    types.FILE_PATH: Form(
        "a path", 'write it from the root or the home folder, as in "~/.kube/config"'
    ),
    types.MOMENT: Form(
        "a year, a month or a day", 'write it as in "2026", "2026-11" or "2026-11-25"', _mend_date
    ),
    types.DAY: Form("a day", 'write it as in "2026-11-25"', _mend_date),
    types.TIME_OF_DAY: Form("a time of day", 'write it as in "06:30"', _mend_time),
    types.TIME_ZONE: Form("a time zone", 'write its IANA name, as in "America/Chicago"'),
}
