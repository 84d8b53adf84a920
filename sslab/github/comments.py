"""Comments that are found again: one of a kind, changed instead of repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sslab.github.client import Client


def marker(kind: str) -> str:
    """Return the line, which nobody sees, by which a comment is found again."""
    return f"<!-- sslab:{kind} -->"


def put(client: Client, issue: int, kind: str, text: str) -> str:
    """Write the one comment of a kind below an issue or a pull request; return its address.

    Only what a workflow wrote counts as that comment, whatever people write into theirs.
    """
    body = f"{marker(kind)}\n{text}"
    found = own(client.pages(f"issues/{issue}/comments"), kind)
    if found is None:
        return str(client.post(f"issues/{issue}/comments", {"body": body})["html_url"])
    if found["body"] != body:
        client.patch(f"issues/comments/{found['id']}", {"body": body})
    return str(found["html_url"])


def own(entries: Iterable[Mapping[str, Any]], kind: str) -> Mapping[str, Any] | None:
    """Return the first comment or issue of a kind that a workflow has written."""
    for entry in entries:
        written_by = entry.get("user") or {}  # null: the account is gone
        ours = written_by.get("type") == "Bot"
        if ours and str(entry.get("body") or "").startswith(marker(kind)):
            return entry
    return None
