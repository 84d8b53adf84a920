"""Telling those who proposed a change how its deployment ended."""

from __future__ import annotations

from sslab.github.client import Client
from sslab.github.comments import Place, put


def tell(client: Client, commit: str, site: str, text: str, *, new: bool) -> str | None:
    """Put a site's account below the pull request that a commit merged, else below the commit.

    Returns the address of what was written. An account that is there is changed; where there is
    none, one is written if `new`.
    """
    merged = (
        Place.below_issue(int(pull["number"]))
        for pull in client.pages(f"commits/{commit}/pulls")
        if pull.get("merged_at")
    )
    place = next(merged, Place.below_commit(commit))
    return put(client, place, f"deployment:{site}", text, new=new)
