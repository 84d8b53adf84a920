"""One issue a site about its drift."""

from __future__ import annotations

from sslab.github import drift
from tests.unit.github.conftest import Known
from tests.workflows.origin import PERSON


def opened(github: Known, text: str = "| Deployment a/b | spec.replicas |") -> int:
    said = drift.follow(github.client, "chicago", "drifted", text)
    assert said.startswith("opened https://")
    return max(github.api.issues)


def test_an_issue_is_opened_updated_and_closed_by_itself(github: Known) -> None:
    number = opened(github)
    issue = github.api.issues[number]
    assert issue["title"] == "chicago has drifted"
    assert issue["labels"] == ["drift"]
    assert "| Deployment a/b |" in issue["body"]
    assert drift.follow(github.client, "chicago", "drifted", "other").startswith("updated")
    assert drift.follow(github.client, "chicago", "drifted", "other").startswith("still so")
    assert issue["body"] == "<!-- sslab:drift:chicago -->\nother"
    assert drift.follow(github.client, "chicago", "clean", "").startswith("closed")
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    (comment,) = github.api.comments_of(number)
    assert comment["body"] == "chicago is as it was deployed again."
    # the next time is another issue
    assert opened(github) != number


def test_unknown_neither_opens_nor_closes(github: Known) -> None:
    before = len(github.api.issues)
    drift.follow(github.client, "chicago", "unknown", "no answer")
    assert len(github.api.issues) == before
    number = opened(github)
    drift.follow(github.client, "chicago", "unknown", "no answer")
    assert github.api.issues[number]["state"] == "open"
    assert "no answer" not in github.api.issues[number]["body"]


def test_a_clean_site_without_an_issue_is_left_alone(github: Known) -> None:
    assert drift.follow(github.client, "chicago", "clean", "") == "none is open"
    assert all(each.startswith("GET") for each in github.api.requests)


def test_sites_have_an_issue_each_and_people_theirs(github: Known) -> None:
    first = opened(github)
    drift.follow(github.client, "chicago-2", "drifted", "x")
    github.api.issues[99] = {
        "number": 99, "state": "open", "labels": ["drift"], "user": PERSON, "title": "mine",
        "body": "<!-- sslab:drift:chicago -->\nmine", "html_url": "https://x",
    }  # fmt: skip
    drift.follow(github.client, "chicago", "clean", "")
    states = {number: issue["state"] for number, issue in github.api.issues.items()}
    assert states == {7: "open", first: "closed", first + 1: "open", 99: "open"}
