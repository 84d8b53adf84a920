"""One issue a site about its drift: opened, kept up to date, and closed when all is well."""

from __future__ import annotations

from typing import Final, Literal

from sslab.github import comments
from sslab.github.client import Client

Status = Literal["clean", "drifted", "unknown"]
LABEL: Final = "drift"


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
    body = f"{comments.marker(kind)}\n{text}"
    if found is None:
        title = f"{site} has drifted"
        made = client.post("issues", {"title": title, "body": body, "labels": [LABEL]})
        return f"opened {made['html_url']}"
    if found["body"] == body:
        return f"still so: {found['html_url']}"
    client.patch(f"issues/{found['number']}", {"body": body})
    return f"updated {found['html_url']}"
