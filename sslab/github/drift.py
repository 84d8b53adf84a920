"""One issue a site about its drift: opened, kept up to date, and closed when all is well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sslab.drift.model import SiteDrift
from sslab.drift.report import as_markdown
from sslab.github import comments
from sslab.github.client import Client

LABEL: Final = "drift"


def follow(client: Client, found: SiteDrift) -> str:
    """Let the issue of a site say what is so now, and return what was done.

    `unknown` changes nothing: a site that does not answer has not drifted, and is not well either.
    """
    if found.status == "unknown":
        return "left as it is: nothing is known of the site"
    kind = f"drift:{found.site}"
    issue = comments.own(client.pages("issues", labels=LABEL, state="open"), kind)
    if found.status == "clean":
        return "none is open" if issue is None else _closed(client, found.site, issue)
    body = f"{comments.marker(kind)}\n{as_markdown([found])}"
    if issue is None:
        title = f"{found.site} has drifted"
        made = client.post("issues", {"title": title, "body": body, "labels": [LABEL]})
        return f"opened {made['html_url']}"
    if issue["body"] == body:
        return f"still so: {issue['html_url']}"
    client.patch(f"issues/{issue['number']}", {"body": body})
    return f"updated {issue['html_url']}"


def _closed(client: Client, site: str, issue: Mapping[str, Any]) -> str:
    """Close an issue, and say why."""
    number = issue["number"]
    client.post(f"issues/{number}/comments", {"body": f"{site} is as it was deployed again."})
    client.patch(f"issues/{number}", {"state": "closed", "state_reason": "completed"})
    return f"closed {issue['html_url']}"
