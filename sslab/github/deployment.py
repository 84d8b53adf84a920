"""Telling those who proposed a change how its deployment ended."""

from __future__ import annotations

from sslab.github import comments
from sslab.github.client import Client


def tell(client: Client, commit: str, site: str, text: str) -> str:
    """Put a site's account below the pull request that a commit merged, else below the commit.

    Returns the address of what was written.
    """
    kind = f"deployment:{site}"
    for pull in client.pages(f"commits/{commit}/pulls"):
        if pull.get("merged_at"):
            return comments.put(client, int(pull["number"]), kind, text)
    body = f"{comments.marker(kind)}\n{text}"
    found = comments.own(client.pages(f"commits/{commit}/comments"), kind)
    if found is not None:
        return str(client.patch(f"comments/{found['id']}", {"body": body})["html_url"])
    return str(client.post(f"commits/{commit}/comments", {"body": body})["html_url"])
