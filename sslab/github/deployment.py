"""Telling those who proposed a change how its deployment ended."""

from __future__ import annotations

from typing import Literal

from sslab.github.client import Client
from sslab.github.comments import Place, put

State = Literal["success", "failure", "error"]


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


def mark(
    client: Client,
    commit: str,
    site: str,
    state: State,
    text: str,
    address: str,
) -> None:
    """Set the status `sslab/<site>` of a commit, which GitHub shows wherever it lists the commit.

    `address` is where all of it stands, empty where nothing does.
    """
    status = {"state": state, "context": f"sslab/{site}", "description": text}
    client.post(f"statuses/{commit}", {**status, "target_url": address} if address else status)
