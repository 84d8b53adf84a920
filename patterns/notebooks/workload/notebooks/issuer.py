"""The addresses of the site's issuer: told in the settings, or asked of the issuer itself."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

PATIENCE_S = 120.0
PAUSE_S = 2.0
ANSWER_S = 10.0
FIELDS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
"""What the discovery document calls `authorize`, `token` and `userinfo`."""

Fetch = Callable[[str], Any]


def addresses(
    issuer: str, told: Mapping[str, str] | None, fetch: Fetch | None = None
) -> Mapping[str, str]:
    """Return `authorize`, `token` and `userinfo`, and `end_session` where the issuer has it.

    Raises RuntimeError where the issuer does not answer, or speaks for another one.
    """
    if told:
        return told
    known = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration", fetch or _fetch)
    if known.get("issuer", "").rstrip("/") != issuer.rstrip("/"):
        raise RuntimeError(f"{issuer} says that it is {known.get('issuer')!r}")
    lacking = [name for name in FIELDS if name not in known]
    if lacking:
        raise RuntimeError(f"{issuer} does not tell its {lacking[0]}")
    names = ("authorize", "token", "userinfo")
    found = {name: str(known[field]) for name, field in zip(names, FIELDS, strict=True)}
    if "end_session_endpoint" in known:
        found["end_session"] = str(known["end_session_endpoint"])
    return found


def _asked(url: str, fetch: Fetch) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return dict(fetch(url))
        except (OSError, ValueError) as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{url} does not answer: {error}") from error
            time.sleep(PAUSE_S)


def _fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=ANSWER_S) as answer:
        return json.load(answer)
