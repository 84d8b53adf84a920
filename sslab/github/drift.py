"""One issue a site about its drift: opened, kept up to date, and closed when all is well."""

from __future__ import annotations

from typing import Final, Literal

from sslab.github import comments
from sslab.github.client import Client

Status = Literal["clean", "drifted", "unknown"]
LABEL: Final = "drift"
LONGEST: Final = 65_000
"""Characters of a body, below GitHub's limit of 65,536."""

CUT: Final = "\n\nThe rest is left out for want of room; `sslab drift {site}` shows it.\n"


def follow(client: Client, site: str, status: Status, text: str) -> str:
    """Let the issue of a site say what is so now, and return what was done.

    `unknown` changes nothing: a site that does not answer has not drifted, and is not well either.
    """
    if status == "unknown":
        return "left as it is: nothing is known of the site"
    kind = f"drift:{site}"
    found = comments.own(client.pages("issues", labels=LABEL, state="open"), kind)
    if status == "clean":
        if found is None:
            return "none is open"
        number = found["number"]
        client.post(f"issues/{number}/comments", {"body": f"{site} is as it was deployed again."})
        client.patch(f"issues/{number}", {"state": "closed", "state_reason": "completed"})
        return f"closed {found['html_url']}"
    body = f"{comments.marker(kind)}\n{_cut(text, site)}"
    if found is None:
        title = f"{site} has drifted"
        made = client.post("issues", {"title": title, "body": body, "labels": [LABEL]})
        return f"opened {made['html_url']}"
    if found["body"] == body:
        return f"still so: {found['html_url']}"
    client.patch(f"issues/{found['number']}", {"body": body})
    return f"updated {found['html_url']}"


def _cut(text: str, site: str) -> str:
    """Return a text short enough, with a note where something was left out."""
    if len(text) <= LONGEST:
        return text
    note = CUT.format(site=site)
    kept = text[: LONGEST - len(note) - 8]
    # a block that was cut through would take the note in
    fence = "\n```" if kept.count("\n```") % 2 else ""
    return f"{kept}{fence}{note}"
