"""What people are told of a deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from sslab.deploy.account import LOG_LINES, Outcome, as_markdown, links
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
REVISION, GOOD = "a" * 40, "b" * 40


@pytest.fixture(scope="module")
def chicago() -> Site:
    return load_site(ROOT / "sites/chicago.yaml")


def reverting(site: Site) -> Site:
    return site.model_copy(
        update={"rollout": site.rollout.model_copy(update={"on_failure": "revert"})}
    )


def test_what_has_passed_is_shown_with_its_links(chicago: Site) -> None:
    told = as_markdown(Outcome("chicago", REVISION, passed=True, run="https://run"), chicago)
    assert f"`{REVISION[:12]}` is deployed and has passed its smoke tests" in told
    assert "- fitting-service: <https://fitting-service.chicago.ssl-hep.org:30443>" in told
    assert "[The whole log](https://run)" in told
    assert [name for name, _ in links(chicago)] == ["fitting-service", "object storage (S3)"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "There is no earlier good revision that could be put back."),
        ({"reverted": GOOD}, f"failed, and `{GOOD[:12]}` was put back"),
        ({"reverted": GOOD}, "revert it there, or mend it"),
        ({"started": False}, "could not be deployed"),
        ({"started": False}, "Nothing was changed at the site"),
        ({"failed_back": True}, "could not be put back either**: what runs now is a mixture"),
    ],
)
def test_what_was_reverted_is_said(chicago: Site, more: dict[str, object], said: str) -> None:
    outcome = Outcome("chicago", REVISION, passed=False, **more)  # type: ignore[arg-type]
    told = as_markdown(outcome, reverting(chicago))
    assert said in told
    assert "No later wave was deployed." in told


def test_what_stays_is_said_with_the_command(chicago: Site) -> None:
    told = as_markdown(Outcome("chicago", REVISION, passed=False), chicago)
    assert "(`rollout.on_failure: stop`)" in told
    assert "`sslab rollback chicago`" in told


def test_the_end_of_the_log_is_shown_without_secrets_and_cannot_get_out(chicago: Site) -> None:
    log = "\n".join(f"line {n}" for n in range(99))
    log += "\n```\n@everybody\nghp_0123456789abcdefghijklmnopqrstuvwxyzAB\nerror: it failed\n"
    told = as_markdown(Outcome("chicago", REVISION, passed=False, log=log), chicago)
    block = told.split("````text\n")[1].split("\n````\n")[0].splitlines()
    assert len(block) == LOG_LINES
    assert block[-1] == "error: it failed"
    assert "```" in block
    assert "ghp_" not in told
