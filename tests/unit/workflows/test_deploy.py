"""A merge reaches the sites whose plan it changes, wave after wave, and nothing else."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.unit.workflows.conftest import ROOT, site
from tests.workflows.hub import Hub
from tests.workflows.origin import PERSON, git
from tests.workflows.record import Run

pytestmark = pytest.mark.volume


def pulls(wave: int = 1) -> str:
    """Return the lines of a site that takes no push."""
    return f"rollout: {{wave: {wave}, mode: pull}}"


@pytest.fixture
def sites(hub: Hub) -> Hub:
    """The hub of a repository with three sites that pull, in the waves 0, 1 and 3."""
    files = {
        f"sites/{name}.yaml": site(name, pulls(n)) for name, n in (("a", 1), ("b", 0), ("c", 3))
    }
    hub.origin.push_main("Describe three sites", files)
    return hub


def results(run: Run) -> dict[str, str]:
    """Return how the jobs ended that were not skipped."""
    return {name: job.result for name, job in run.jobs.items() if job.result != "skipped"}


def rendered(hub: Hub, name: str) -> dict[str, str]:
    """Return the files of the branch with a site's manifests."""
    listed = git(hub.origin.bare, "ls-tree", "-r", "--name-only", f"rendered/{name}").splitlines()
    return {each: git(hub.origin.bare, "show", f"rendered/{name}:{each}") for each in listed}


def test_sites_are_deployed_in_the_order_of_their_waves(sites: Hub) -> None:
    run = sites.push_to_main()
    assert run.conclusion == "success", run.log
    ran = [name for name in results(run) if "/" in name]
    assert ran == ["wave-0/pull b", "wave-1/pull a", "wave-3/pull c"]
    assert {run.jobs[name].group for name in ran} == {"deploy-a", "deploy-b", "deploy-c"}
    assert "| 0 | b | pull | never deployed |" in run.summary
    for name in "abc":
        assert sites.origin.revision(f"deployed/{name}") == sites.main
        files = rendered(sites, name)
        assert {"README.md", "kustomization.yaml"} < set(files)
        assert not any("secret" in each for each in files)


def test_a_site_that_pulls_looks_at_its_branch_as_the_page_says(sites: Hub) -> None:
    sites.push_to_main()
    text = (ROOT / "docs/gitops.md").read_text()
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ git ")]
    assert len(commands) == 2
    for command in commands:
        git(sites.origin.clone, *shlex.split(command.replace("my-campus", "b"))[1:])
    assert (
        "kind: Kustomization" in (sites.origin.clone / "rendered/b/kustomization.yaml").read_text()
    )


def test_only_what_differs_from_the_last_good_revision_is_deployed(sites: Hub) -> None:
    sites.push_to_main()
    before = {name: sites.origin.revision(f"rendered/{name}") for name in "abc"}
    sites.origin.push_main("Write a page", {"README.md": "hello\n"})
    nothing = sites.push_to_main()
    assert list(results(nothing)) == ["plan"]
    assert "Nothing." in nothing.summary
    assert "No change: a, b, c" in nothing.summary
    text = site("b", pulls(0)).replace("title: A site", "title: Another title")
    sites.origin.push_main("Retitle b", {"sites/b.yaml": text})
    assert list(results(sites.push_to_main())) == ["plan"]
    sites.origin.push_main("Enlarge", {"size": "9Gi"})
    run = sites.push_to_main()
    assert len([name for name in results(run) if "/" in name]) == 3
    assert "| 3 | c | pull | change 1 |" in run.summary
    for name in "abc":
        now = sites.origin.revision(f"rendered/{name}")
        assert now != before[name]
        assert git(sites.origin.bare, "rev-parse", f"{now}^") == before[name]
        claim = next(text for each, text in rendered(sites, name).items() if "claim" in each)
        assert "storage: 9Gi" in claim


def test_a_commit_is_made_on_the_branch_only_where_the_manifests_differ(sites: Hub) -> None:
    sites.push_to_main()
    before = sites.origin.revision("rendered/b")
    run = _dispatch(sites, "b")
    assert [name for name in results(run) if "/" in name] == ["wave-0/pull b"]
    assert "rendered/b: no change" in run.log
    assert sites.origin.revision("rendered/b") == before


def test_a_wave_that_fails_stops_the_next_ones(sites: Hub) -> None:
    # nobody can deploy there: no kubeconfig, and no stack in git
    broken = site("b", "rollout: {wave: 0}\nobject_storage: {kind: seaweedfs, capacity: 1Gi}")
    sites.origin.push_main("Let b be pushed to", {"sites/b.yaml": broken})
    run = sites.push_to_main()
    assert results(run) == {"plan": "success", "wave-0/push b": "failure", "wave-0": "failure"}
    assert "stacks/Pulumi.b.yaml lacks s3-admin-access-key" in run.log
    assert "then commit stacks/Pulumi.b.yaml" in run.log
    (comment,) = sites.api.commit_comments.values()
    assert "could not be deployed" in comment["body"]
    (status,) = sites.api.statuses[sites.main]
    assert (status["context"], status["state"]) == ("sslab/b", "error")
    assert status["description"] == f"{sites.main[:12]} could not be deployed"
    assert "/actions/runs/" in status["target_url"]
    assert sites.origin.revision("rendered/a") is None
    assert sites.origin.revision("deployed/b") is None


def test_what_has_failed_is_said_below_the_pull_request(sites: Hub) -> None:
    text = site("b", "rollout: {wave: 0, on_failure: revert}")
    number = sites.origin.open_pull("push-to-b", {"sites/b.yaml": text})
    sites.origin.merge(number)
    run = sites.push_to_main()
    assert run.conclusion == "failure"
    job = run.jobs["wave-0/push b"]
    outcomes = {step.name: step.outcome for step in job.steps}
    assert outcomes["Refresh, deploy, run the smoke tests"] == "failure", job.log
    assert outcomes["Keep it as the last good revision"] == "skipped"
    assert "b stays as it is: it has no good revision yet" in job.log
    (comment,) = sites.api.comments_of(number)
    assert comment["body"].startswith("<!-- sslab:deployment:b -->\n### A site: `")
    assert "No later wave was deployed. There is no earlier good revision" in comment["body"]
    assert "error: " in comment["body"]
    assert "/actions/runs/" in comment["body"]


def test_what_has_failed_without_a_pull_request_is_said_below_the_commit(sites: Hub) -> None:
    commit = sites.origin.push_main(
        "Let b be pushed to", {"sites/b.yaml": site("b", "rollout: {wave: 0}")}
    )
    for _ in range(2):
        sites.push_to_main()
    (comment,) = sites.api.commit_comments.values()
    assert comment["commit_id"] == commit
    assert "stays as it is (`rollout.on_failure: stop`)" in comment["body"]


def test_a_site_never_goes_back_where_runs_overtake_each_other(sites: Hub) -> None:
    earlier = sites.main
    sites.origin.push_main("Enlarge", {"size": "9Gi"})
    sites.push_to_main()
    now = {name: sites.origin.revision(f"rendered/{name}") for name in "abc"}
    # the earlier run had to wait, and comes last
    inputs = {"site": "b"}
    run = sites.run("deploy.yml", "workflow_dispatch", earlier, {}, inputs=inputs)
    assert run.conclusion == "success"
    assert "b has " in run.log
    assert "already, which is later" in run.log
    assert sites.origin.revision("rendered/b") == now["b"]
    assert sites.origin.revision("deployed/b") == sites.main


def test_a_wrong_site_file_on_main_deploys_nothing(sites: Hub) -> None:
    sites.origin.push_main("Break c", {"sites/c.yaml": "name: d\n"})
    run = sites.push_to_main()
    assert results(run) == {"plan": "failure"}
    assert "sites/c.yaml:1:" in run.log
    assert "Traceback" not in run.log


def test_a_site_whose_file_is_gone_is_told_and_left(sites: Hub) -> None:
    sites.push_to_main()
    sites.origin.push_main("Forget c", {"sites/c.yaml": None})
    run = sites.push_to_main()
    assert "sites/c.yaml is gone, and nothing was destroyed" in run.summary
    assert sites.origin.revision("deployed/c")


def test_other_credentials_are_a_reason(sites: Hub) -> None:
    sites.push_to_main()
    stack = "config:\n  ssl:key:\n    secure: v1:other\n"
    sites.origin.push_main("Rotate", {"stacks/Pulumi.a.yaml": stack})
    run = sites.push_to_main()
    assert [name for name in results(run) if "/" in name] == ["wave-1/pull a"]
    assert "| 1 | a | pull | its credentials |" in run.summary


def test_a_site_that_is_not_there_cannot_be_asked_for(sites: Hub) -> None:
    run = _dispatch(sites, "elsewhere")
    assert run.conclusion == "failure"
    assert "elsewhere is no site that workflows deploy; there are: a, b, c" in run.log


def test_nothing_but_main_is_deployed(sites: Hub) -> None:
    run = sites.run(
        "deploy.yml", "workflow_dispatch", sites.main, {}, inputs={"site": "b"}, ref="refs/heads/x"
    )
    assert results(run) == {"plan": "failure"}
    assert "refs/heads/x is not main" in run.log
    assert sites.origin.revision("rendered/b") is None


def test_drift_is_looked_for_where_something_was_pushed(sites: Hub) -> None:
    sites.push_to_main()
    run = sites.run("drift.yml", "schedule", sites.main, {})
    assert json.loads(run.jobs["sites"].outputs["sites"]) == []
    assert run.jobs["drift"].result == "skipped"


def test_somebody_elses_comment_is_no_account(sites: Hub) -> None:
    text = site("b", "rollout: {wave: 0}")
    number = sites.origin.open_pull("push-to-b", {"sites/b.yaml": text})
    theirs = sites.api.write_comment(number, "<!-- sslab:deployment:b -->\nmine", PERSON)
    sites.origin.merge(number)
    sites.push_to_main()
    assert theirs["body"].endswith("mine")
    assert len(sites.api.comments_of(number)) == 2


def _dispatch(hub: Hub, name: str) -> Run:
    return hub.run("deploy.yml", "workflow_dispatch", hub.main, {}, inputs={"site": name})
