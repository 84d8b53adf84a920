"""What holds for the site files of this repository, whoever's it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sslab.fork.codeowners import codeowners
from sslab.fork.description import read_fork
from sslab.fork.ownership import FOUNDING
from sslab.plan.planning import plan_sites
from sslab.progress import Progress
from sslab.site.loading import validate

pytestmark = pytest.mark.sites

ROOT = Path(__file__).parents[3]
SITES = sorted((ROOT / "sites").glob("*.yaml"))


def test_no_two_sites_claim_the_same() -> None:
    sites, diagnostics = validate(SITES, ROOT)
    assert diagnostics == ()
    assert len(sites) == len(SITES)


def test_codeowners_is_made_from_the_site_files() -> None:
    made = codeowners(ROOT)
    assert (ROOT / "CODEOWNERS").read_text() == made, (
        "python -m sslab.fork.codeowners > CODEOWNERS makes it anew"
    )


def test_what_the_fork_says_of_itself_is_right() -> None:
    fork, diagnostics = read_fork(ROOT)
    assert diagnostics == ()
    assert (fork is None) is not (ROOT / FOUNDING).exists()


def test_the_local_site_can_be_planned_and_keeps_the_policies() -> None:
    planned = plan_sites(ROOT, ("local",), None, Progress())
    assert [(site.site, site.refused) for site in planned.sites] == [("local", False)]


@pytest.mark.volume
def test_every_site_can_be_planned_and_keeps_the_policies() -> None:
    planned = plan_sites(ROOT, (), None, Progress())
    assert {site.site for site in planned.sites} == {path.stem for path in SITES}
    assert {site.site: site.error for site in planned.sites if site.refused} == {}
