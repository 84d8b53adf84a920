"""What is a new site's own, and how it is written in YAML."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sslab.site.scalars import ScalarError, resolve

SCHEMA_LINE = "# yaml-language-server: $schema=../schema/site.json"


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """What is a new site's own: no other site has the domain, nor the ports where they matter."""

    name: str
    title: str
    domain: str
    context: str | None
    loopback_port: int
    http: int
    https: int

    @property
    def prefix(self) -> str:
        """What stands before the names of buckets that have to be unique in the world."""
        return f"ssl-{self.name}"[:30].rstrip("-") + "-"


def text_in_yaml(text: str) -> str:
    """Return a text as YAML on one line, in quotes where it would else be read differently."""
    try:
        is_plain = isinstance(resolve(text), str) and re.fullmatch(_PLAIN, text)
    except ScalarError:
        is_plain = None
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_PLAIN = r"[A-Za-z0-9]([A-Za-z0-9 ./()_@-]*[A-Za-z0-9.)])?"
