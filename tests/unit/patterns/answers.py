"""A site whose services give the answers that a test has written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx

from sslab.checks.access import SiteAccess
from sslab.site.model import Site


class _Answering:
    """Stands for the ingress of a site."""

    def __init__(self, site: Site, answers: Mapping[str, httpx.Response]) -> None:
        self.site = site
        self._answers = answers

    def get(self, _: str, path: str) -> httpx.Response:
        return self._answers[path]


def answering(
    answers: Mapping[str, httpx.Response], pattern: str, settings: Mapping[str, Any] | None = None
) -> SiteAccess:
    """Return the access to a site that runs a pattern, with an answer for each path."""
    site = Site.model_validate(
        {
            "name": "campus",
            "title": "Campus",
            "cluster": {"kind": "existing"},
            "patterns": {pattern: dict(settings or {})},
        }
    )
    return cast(SiteAccess, _Answering(site, answers))
