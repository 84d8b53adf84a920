"""The client: pages, rate limits, faults, and refusals that say what to do."""

from __future__ import annotations

import time

import pytest

from sslab.github import comments
from sslab.github.client import ATTEMPTS, Client
from sslab.github.errors import GitHubError
from tests.unit.github.conftest import Known
from tests.workflows.api import BOT, Answer
from tests.workflows.origin import PERSON

pytestmark = pytest.mark.volume

BELOW = comments.Place.below_issue(7)


def test_a_comment_is_found_on_whichever_page(github: Known) -> None:
    github.api.largest_page = 2
    for number in range(7):
        github.api.write_comment(7, f"comment {number}", PERSON)
    ours = github.api.write_comment(7, f"{comments.marker('plan')}\nold", BOT)
    github.api.write_comment(7, "the last", PERSON)
    comments.put(github.client, BELOW, "plan", "new")
    assert ours["body"] == "<!-- sslab:plan -->\nnew"
    assert len(github.api.comments_of(7)) == 9


def test_a_comment_that_says_the_same_is_not_written_again(github: Known) -> None:
    first = comments.put(github.client, BELOW, "plan", "text")
    assert comments.put(github.client, BELOW, "plan", "text") == first
    assert not any(each.startswith("PATCH") for each in github.api.requests)


def test_kinds_are_kept_apart(github: Known) -> None:
    comments.put(github.client, BELOW, "plan", "one")
    comments.put(github.client, BELOW, "deployment:a", "two")
    assert len(github.api.comments_of(7)) == 2


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"retry-after": "7"}, 7),
        (403, {"retry-after": "3"}, 3),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "RESET"}, 21),
        (429, {}, 60),
    ],
)
def test_a_rate_limit_is_waited_for(
    github: Known, status: int, headers: dict[str, str], wait: int
) -> None:
    known = {
        name: value.replace("RESET", str(int(time.time()) + 20)) for name, value in headers.items()
    }
    github.api.faults = [Answer(status, {"message": "slow down"}, known)]
    assert github.client.get("issues") == [github.api.issues[7]]
    assert github.waits == [pytest.approx(wait, abs=2)]


def test_a_rate_limit_that_lasts_too_long_is_told(github: Known) -> None:
    github.api.faults = [
        Answer(429, {"message": "API rate limit exceeded"}, {"retry-after": "3600"})
    ]
    with pytest.raises(GitHubError, match="no requests left; run the job again later"):
        github.client.get("issues")
    assert github.waits == []


def test_a_fault_of_github_is_tried_again_where_nothing_can_be_done_twice(github: Known) -> None:
    github.api.faults = [Answer(502, {}), Answer(503, {})]
    assert github.client.get("issues")
    assert github.waits == [2, 4]
    github.api.faults = [Answer(502, {})]
    with pytest.raises(GitHubError, match=r"answered POST .* with 502"):
        github.client.post("issues", {"title": "x"})


def test_nobody_tries_for_ever(github: Known) -> None:
    github.api.faults = [Answer(500, {}) for _ in range(9)]
    with pytest.raises(GitHubError, match="with 500"):
        github.client.get("issues")
    assert len(github.waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("token", "path", "said"),
    [
        ("nobody", "issues", "401: Bad credentials; the token is not valid"),
        ("token", "pulls/99", "404: Not Found; it is not there, or the token may not see it"),
    ],
)
def test_a_refusal_says_what_to_do(github: Known, token: str, path: str, said: str) -> None:
    client = Client(github.api.address, github.api.name, token)
    with pytest.raises(GitHubError) as caught:
        client.get(path)
    assert said in str(caught.value)
    assert "nobody" not in str(caught.value)


def test_a_missing_right_names_the_permissions(github: Known) -> None:
    github.api.tokens["reader"] = {"issues": "read"}
    client = Client(github.api.address, github.api.name, "reader")
    with pytest.raises(GitHubError, match="look at the `permissions` of the job"):
        client.post("issues/7/comments", {"body": "x"})


def test_a_server_that_does_not_answer_is_told() -> None:
    waits: list[float] = []
    client = Client("http://127.0.0.1:9", "a/b", "secret-token", sleep=waits.append)
    with pytest.raises(GitHubError, match=r"127\.0\.0\.1 does not answer") as caught:
        client.get("issues")
    assert len(waits) == ATTEMPTS - 1
    assert "secret-token" not in str(caught.value)


def test_outside_of_a_workflow_the_missing_variable_is_named() -> None:
    with pytest.raises(GitHubError, match="GITHUB_TOKEN is not set"):
        Client.of_workflow({"GITHUB_API_URL": "x", "GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": ""})
