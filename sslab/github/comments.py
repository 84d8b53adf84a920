"""Comments that are found again: one of a kind, changed instead of repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sslab.github.client import Client


def marker(kind: str) -> str:
    """Return the line, which nobody sees, by which a comment is found again."""
    return f"<!-- sslab:{kind} -->"


@dataclass(frozen=True)
class Place:
    """Where comments are, as paths of the API: their list, and below what each has its own."""

    listed: str
    each: str

    @classmethod
    def below_issue(cls, number: int) -> Place:
        """Return the place below an issue or a pull request."""
        return cls(f"issues/{number}/comments", "issues/comments")

    @classmethod
    def below_commit(cls, commit: str) -> Place:
        """Return the place below a commit."""
        return cls(f"commits/{commit}/comments", "comments")


def put(client: Client, place: Place, kind: str, text: str, *, new: bool = True) -> str | None:
    """Write the one comment of a kind at a place, and return its address.

    Only what a workflow wrote counts as that comment, whatever people write into theirs. Where
    there is none it is made, if `new`; else the answer is None.
    """
    body = f"{marker(kind)}\n{text}"
    found = own(client.pages(place.listed), kind)
    if found is None:
        return str(client.post(place.listed, {"body": body})["html_url"]) if new else None
    if found["body"] != body:
        client.patch(f"{place.each}/{found['id']}", {"body": body})
    return str(found["html_url"])


def own(entries: Iterable[Mapping[str, Any]], kind: str) -> Mapping[str, Any] | None:
    """Return the first comment or issue of a kind that a workflow has written."""
    for entry in entries:
        written_by = entry.get("user") or {}  # null: the account is gone
        ours = written_by.get("type") == "Bot"
        if ours and str(entry.get("body") or "").startswith(marker(kind)):
            return entry
    return None
