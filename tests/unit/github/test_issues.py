"""One issue a site about its drift."""

from __future__ import annotations

import pytest

from sslab.drift.model import FieldDrift, ObjectDrift, SiteDrift, Status
from sslab.drift.report import as_json, read_json
from sslab.errors import SslabError
from sslab.github import drift
from tests.unit.github.conftest import Known
from tests.workflows.origin import PERSON


def is_so(status: Status, replicas: int = 0, site: str = "chicago") -> SiteDrift:
    """Return what a check has found."""
    if status != "drifted":
        return SiteDrift(site, status, why="no answer" if status == "unknown" else "")
    field = FieldDrift("spec.replicas", 1, replicas, "kubectl-edit", "2026-11-25T09:12:44Z")
    return SiteDrift(
        site, status, (ObjectDrift("kubernetes:apps/v1:Deployment", "a/b", "changed", (field,)),)
    )


def opened(github: Known) -> int:
    said = drift.follow(github.client, is_so("drifted"))
    assert said.startswith("opened https://")
    return max(github.api.issues)


def test_an_issue_is_opened_updated_and_closed_by_itself(github: Known) -> None:
    number = opened(github)
    issue = github.api.issues[number]
    assert issue["title"] == "chicago has drifted"
    assert issue["labels"] == ["drift"]
    assert issue["body"].startswith("<!-- sslab:drift:chicago -->\n### chicago: drifted\n")
    assert "| `Deployment a/b` | `spec.replicas` | `1` | `0` | `kubectl-edit" in issue["body"]
    assert drift.follow(github.client, is_so("drifted", 3)).startswith("updated")
    assert drift.follow(github.client, is_so("drifted", 3)).startswith("still so")
    assert "| `1` | `3` |" in issue["body"]
    assert drift.follow(github.client, is_so("clean")).startswith("closed")
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    (comment,) = github.api.comments_of(number)
    assert comment["body"] == "chicago is as it was deployed again."
    # the next time is another issue
    assert opened(github) != number


def test_unknown_neither_opens_nor_closes(github: Known) -> None:
    before = len(github.api.issues)
    drift.follow(github.client, is_so("unknown"))
    assert len(github.api.issues) == before
    number = opened(github)
    drift.follow(github.client, is_so("unknown"))
    assert github.api.issues[number]["state"] == "open"
    assert "no answer" not in github.api.issues[number]["body"]


def test_a_clean_site_without_an_issue_is_left_alone(github: Known) -> None:
    assert drift.follow(github.client, is_so("clean")) == "none is open"
    assert all(each.startswith("GET") for each in github.api.requests)


def test_sites_have_an_issue_each_and_people_theirs(github: Known) -> None:
    first = opened(github)
    drift.follow(github.client, is_so("drifted", site="chicago-2"))
    github.api.issues[99] = {
        "number": 99, "state": "open", "labels": ["drift"], "user": PERSON, "title": "mine",
        "body": "<!-- sslab:drift:chicago -->\nmine", "html_url": "https://x",
    }  # fmt: skip
    drift.follow(github.client, is_so("clean"))
    states = {number: issue["state"] for number, issue in github.api.issues.items()}
    assert states == {7: "open", first: "closed", first + 1: "open", 99: "open"}


def test_a_report_is_read_as_it_was_written() -> None:
    sites = [is_so("drifted"), is_so("clean", site="nyu"), is_so("unknown", site="gke")]
    assert read_json(as_json(sites)) == sites


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sites": [1]}', '{"sites": [{"site": "a"}]}'])
def test_what_is_no_report_is_told(text: str) -> None:
    with pytest.raises(SslabError, match="this is no report on drift"):
        read_json(text)
