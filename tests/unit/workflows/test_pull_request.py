"""A pull request gets its plan as one comment, from wherever it comes and whatever it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.workflows.conftest import OBJECTS, site
from tests.workflows.hub import Hub
from tests.workflows.origin import PERSON
from tests.workflows.record import Run

pytestmark = pytest.mark.volume

MARKER = "<!-- sslab:plan -->\n"
SPYING = """\
import os, subprocess
print(sorted(os.environ.items()))
subprocess.run(["git", "push", "origin", "HEAD:refs/heads/main"])
"""


def planned(hub: Hub, number: int) -> tuple[Run, Run]:
    """Run the job that plans a pull request, and what follows it."""
    run = hub.pull_request(number, jobs=["plan"])
    return run, hub.completed(run)


def comment(hub: Hub, number: int) -> str:
    """Return the one comment below a pull request."""
    (found,) = hub.api.comments_of(number)
    return str(found["body"])


def test_a_new_site_is_told_and_a_second_push_changes_the_same_comment(hub: Hub) -> None:
    number = hub.origin.open_pull("add-b", {"sites/b.yaml": site("b")})
    run, told = planned(hub, number)
    assert (run.conclusion, told.conclusion) == ("success", "success"), run.log + told.log
    first = comment(hub, number)
    assert first.startswith(f"{MARKER}### Plan of 2 sites: 1 new, 1 no change\n")
    assert "| b | 0 | 0 | 0 | 3 |" in first
    assert "No change: a\n" in first
    assert f"Of commit `{hub.api.pulls[number]['head']['sha']}`" in first
    assert first.removeprefix(MARKER).strip() in run.summary
    hub.origin.push(number, {"size": "9Gi"})
    planned(hub, number)
    second = comment(hub, number)
    assert "### Plan of 2 sites: 1 new, 1 changed\n" in second
    assert 'spec.resources.requests.storage: "5Gi" -> "9Gi"' in second
    posts = [each for each in hub.api.requests if each.startswith("POST")]
    assert len(posts) == 1


def test_what_changes_no_plan_says_so(hub: Hub) -> None:
    number = hub.origin.open_pull("tidy", {"components/__init__.py": "# tidied\n"})
    planned(hub, number)
    told = comment(hub, number)
    assert "### Plan of 1 site: 1 no change" in told
    assert (
        "The program was run with the change and without it: `components/__init__.py` changed, "
        "and no site's plan with it. Nothing is deployed when this is merged."
    ) in told


def test_a_fork_gets_the_same_comment_without_a_secret_or_a_right(hub: Hub) -> None:
    hub.environments["b"] = {"KUBECONFIG": "canary-of-an-environment"}
    files = {"sites/b.yaml": site("b"), "__main__.py": SPYING + OBJECTS}
    number = hub.origin.open_pull("from-a-fork", files, repository="mycampus/ssl")
    before = hub.main
    run, told = planned(hub, number)
    assert "### Plan of 2 sites: 1 new" in comment(hub, number)
    assert hub.main == before
    assert "canary" not in run.log + told.log
    rights = list(hub.api.tokens.values())
    assert set(rights[0].values()) == {"read"}
    assert rights[1] == {"actions": "read", "contents": "read", "pull-requests": "write"}


def test_nothing_of_the_pull_request_is_run_where_the_token_may_write(hub: Hub) -> None:
    evil = "all:\n\n.venv/installed: always\n\techo OWNED\nalways:\n\techo OWNED\n"
    number = hub.origin.open_pull("evil", {"Makefile": evil, "components/__init__.py": "x = 1\n"})
    run, told = planned(hub, number)
    assert "OWNED" in run.log
    assert "OWNED" not in told.log
    assert told.conclusion == "success"


def test_a_plan_cannot_be_told_below_another_pull_request(hub: Hub) -> None:
    honest = hub.origin.open_pull("honest", {"size": "6Gi"})
    forged = hub.origin.open_pull("forged", {"size": "7Gi"}, repository="mycampus/ssl")
    run = hub.pull_request(forged, jobs=["plan"])
    _rewrite(hub, run, number=honest)
    told = hub.completed(run)
    assert told.conclusion == "failure"
    assert "comes from ssl-hep/ssl, and the plan from mycampus/ssl" in told.log
    assert hub.api.comments == {}


def test_a_plan_of_an_earlier_commit_is_not_told(hub: Hub) -> None:
    number = hub.origin.open_pull("moved", {"size": "6Gi"})
    run = hub.pull_request(number, jobs=["plan"])
    hub.origin.push(number, {"size": "7Gi"})
    told = hub.completed(run)
    assert told.conclusion == "success"
    assert "the pull request has moved on: nothing was written" in told.log
    assert hub.api.comments == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "this is no plan: the document: Invalid JSON"),
        ('{"number": "@all"}', "this is no plan: number"),
        ("[]", "this is no plan: the document"),
    ],
)
def test_what_is_no_plan_is_refused(hub: Hub, text: str, said: str) -> None:
    number = hub.origin.open_pull("broken", {"size": "6Gi"})
    run = hub.pull_request(number, jobs=["plan"])
    (file,) = hub.artifacts.rglob("plan.json")
    file.write_text(text)
    told = hub.completed(run)
    assert told.conclusion == "failure"
    assert said in told.log
    assert "Traceback" not in told.log
    assert hub.api.comments == {}


def test_what_a_forged_plan_says_is_shown_as_it_is_and_does_nothing(hub: Hub) -> None:
    number = hub.origin.open_pull("forged", {"size": "6Gi"}, repository="mycampus/ssl")
    run = hub.pull_request(number, jobs=["plan"])
    (file,) = hub.artifacts.rglob("plan.json")
    document = json.loads(file.read_text())
    document["plan"]["sites"][0]["changes"][0]["reasons"] = ["```\n</details> @ssl-hep/all <img>"]
    document["files"] = ["`@ssl-hep/all`"]
    document["lacking"] = ["@ssl-hep/all"]
    file.write_text(json.dumps(document))
    hub.completed(run)
    told = comment(hub, number)
    assert "\n@ssl-hep" not in told
    assert "````diff" in told
    assert "`@ssl-hep/all`" in told


def test_a_refused_change_fails_and_the_comment_says_why(hub: Hub) -> None:
    number = hub.origin.open_pull("harmful", {"strict": "", "sites/b.yaml": site("b")})
    run, told = planned(hub, number)
    assert run.conclusion == "failure"
    assert "the change is refused for a, b" in run.log
    assert told.conclusion == "success", told.log
    said = comment(hub, number)
    assert "> [!CAUTION]" in said
    assert "`REFUSED BY no-claim: PersistentVolumeClaim b/data: a claim; use none" in said
    assert "**This change is refused as it stands**" in said


def test_a_wrong_site_file_is_marked_on_its_line(hub: Hub) -> None:
    wrong = site("b").replace("domain: b.example.edu", "domain: b_example")
    number = hub.origin.open_pull("wrong", {"sites/b.yaml": wrong})
    run, _ = planned(hub, number)
    assert run.conclusion == "failure"
    assert "ingress.domain" in comment(hub, number)
    check = hub.pull_request(number, jobs=["check"])
    steps = {step.name: step for step in check.jobs["check"].steps}
    assert steps["Site files"].outcome == "failure"
    assert "::error file=sites/b.yaml,line=6,col=" in steps["Site files"].log
    assert steps["Lint"].outcome == steps["Tests that need no cluster"].outcome == "skipped"


def test_credentials_that_are_not_in_git_are_asked_for_before_the_merge(hub: Hub) -> None:
    storage = "object_storage: {kind: seaweedfs, capacity: 1Gi, buckets: [data]}"
    number = hub.origin.open_pull("add-b", {"sites/b.yaml": site("b", storage)})
    planned(hub, number)
    said = comment(hub, number)
    assert "Before it can be deployed: ``" in said
    assert "stacks/Pulumi.b.yaml lacks s3-admin-access-key" in said
    assert "`sslab secrets init b`" in said


def test_a_comment_of_somebody_else_is_left_alone(hub: Hub) -> None:
    number = hub.origin.open_pull("add-b", {"sites/b.yaml": site("b")})
    theirs = hub.api.write_comment(number, f"{MARKER}mine", PERSON)
    hub.api.write_comment(number, "looks good", PERSON)
    planned(hub, number)
    assert theirs["body"] == f"{MARKER}mine"
    assert len(hub.api.comments_of(number)) == 3


def _rewrite(hub: Hub, run: Run, **changes: object) -> None:
    file: Path = hub.artifacts / str(run.number) / "plan" / "plan.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
