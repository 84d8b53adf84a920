"""From the bytes of a request to the canonical question, and its name by content."""

import hashlib
import json
import math
from typing import Any

from .rejection import RejectionError

BACKEND = "numpy"
"""The tensor library that pyhf computes with; part of every result's identity."""
METHOD = "asymptotics-qtilde-toms748-1"
"""How limits are computed here. Change it when the numbers change: old results then stay apart."""

MAX_DEPTH = 16
"""Levels of nesting that are read; a HistFactory workspace needs nine."""


def parse_workspace(body: bytes) -> dict[str, Any]:
    """Read a workspace document: finite numbers, valid text and no deep nesting.

    Whether it is a HistFactory workspace is decided later, in a worker.

    Raises :class:`RejectionError`: 400 for what is no JSON, 422 for values no fit can use.
    """
    try:
        document = json.loads(body)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise RejectionError(
            400, "not_json", f"The body is not UTF-8 text: {error.reason} at byte {error.start}."
        ) from None
    except ValueError as error:
        raise RejectionError(
            400, "not_json", f"The body is not JSON: {error}. Send the workspace document itself."
        ) from None
    if not isinstance(document, dict):
        raise RejectionError(
            422,
            "invalid_workspace",
            "A workspace is a JSON object with channels, observations, measurements and version.",
        )
    _check_values(document)
    return document


Trail = tuple["Trail", str | int] | None


def _check_values(document: dict[str, Any]) -> None:
    """Look at every value once, without recursion."""
    pending: list[tuple[dict[str, Any] | list[Any], Trail, int]] = [(document, None, 1)]
    while pending:
        node, trail, depth = pending.pop()
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, dict | list):
                if depth >= MAX_DEPTH:
                    raise _too_deep()
                pending.append((value, (trail, key), depth + 1))
            elif isinstance(value, float | int):
                _check_number(value, (trail, key))
            if isinstance(value, str):
                _check_text(value, (trail, key))
            if isinstance(key, str):
                _check_text(key, trail)


def _check_number(value: float, trail: Trail) -> None:
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an integer beyond the range of a float
        finite = False
    if not finite:
        raise RejectionError(
            422,
            "invalid_workspace",
            "NaN, infinite and overflowing numbers cannot be fitted: give a finite number.",
            path=_path(trail),
        )


def _check_text(value: str, trail: Trail) -> None:
    """Refuse half a surrogate pair, which JSON can write and UTF-8 cannot."""
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise RejectionError(
            422,
            "invalid_workspace",
            "A text holds half of a surrogate pair: give valid Unicode.",
            path=_path(trail),
        )


def _too_deep() -> RejectionError:
    return RejectionError(
        422,
        "invalid_workspace",
        f"The document is nested deeper than {MAX_DEPTH} levels; no HistFactory workspace is.",
    )


def _path(trail: Trail) -> str | None:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return path_text(reversed(steps)) or None


def path_text(steps: Any) -> str:
    """Write the way to a value as ``channels[0].samples[1].data`` (at most 200 characters)."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".")[:200]


def canonical_question(
    workspace: dict[str, Any], *, mu: float, measurement: str | None, pyhf_version: str
) -> bytes:
    """Everything a result depends on as one canonical JSON document: sorted keys, no spaces.

    A measurement that is not named is filled in where the workspace has just one, so that both
    ways to ask give the same question.
    """
    question = {
        "backend": BACKEND,
        "measurement": measurement or _only_measurement(workspace),
        "method": METHOD,
        "mu": mu,
        "pyhf": pyhf_version,
        "workspace": workspace,
    }
    text = json.dumps(question, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def question_id(question: bytes) -> str:
    """The result's name: the SHA-256 of the canonical question, 64 hexadecimal digits."""
    return hashlib.sha256(question).hexdigest()


def _only_measurement(workspace: dict[str, Any]) -> str | None:
    match workspace.get("measurements"):
        case [{"name": str() as name}]:
            return name
        case _:
            return None
