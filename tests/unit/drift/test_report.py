from __future__ import annotations

import json

import pytest

from sslab.drift import report
from sslab.drift.model import FieldDrift, ObjectDrift, SiteDrift, Status, exit_code
from tests.unit.drift.events import DEPLOYMENT, SECRET

FIELD = FieldDrift("spec.replicas", 1, 0, "kubectl", "2026-11-25T09:00:00Z")
OTHER = FieldDrift("spec.x", None, "a|b")
DRIFTED = SiteDrift(
    "local",
    "drifted",
    (
        ObjectDrift(DEPLOYMENT, "web/traefik", "changed", (FIELD, OTHER)),
        ObjectDrift(SECRET, "web/keys", "changed", (FieldDrift("data.k", "(secret)", "(secret)"),)),
        ObjectDrift("kubernetes:core/v1:Service", "web/web", "gone"),
    ),
)  # fmt: skip
CLEAN = SiteDrift("nyu", "clean")
UNKNOWN = SiteDrift("sdsc", "unknown", why="the cluster does not answer; see whether it runs")


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ((), 0),
        (("clean", "clean"), 0),
        (("clean", "unknown"), 3),
        (("unknown", "drifted", "clean"), 1),
    ],
)
def test_the_exit_code(statuses: tuple[Status, ...], code: int) -> None:
    assert exit_code(SiteDrift("x", status) for status in statuses) == code


def test_json_has_what_programs_need() -> None:
    document = json.loads(report.as_json([DRIFTED, CLEAN, UNKNOWN]))
    assert [site["status"] for site in document["sites"]] == ["drifted", "clean", "unknown"]
    assert document["sites"][0]["objects"][0] == {
        "type": "kubernetes:apps/v1:Deployment",
        "name": "web/traefik",
        "change": "changed",
        "fields": [
            {
                "path": "spec.replicas",
                "deployed": 1,
                "found": 0,
                "by": "kubectl",
                "at": "2026-11-25T09:00:00Z",
            },
            {"path": "spec.x", "deployed": None, "found": "a|b", "by": None, "at": None},
        ],
    }
    assert document["sites"][1] == {"site": "nyu", "status": "clean", "why": None, "objects": []}
    assert document["sites"][2]["why"] == UNKNOWN.why


def test_text_says_what_differs_and_who_changed_it() -> None:
    assert list(report.as_text([DRIFTED, CLEAN, UNKNOWN])) == [
        "local  drifted  of what was deployed: 2 changed, 1 gone",
        "  Deployment web/traefik  changed",
        "    spec.replicas: 1 -> 0, by kubectl at 2026-11-25T09:00:00Z",
        '    spec.x: nothing -> "a|b"',
        "  Secret web/keys  changed",
        '    data.k: "(secret)" -> "(secret)"',
        "  Service web/web  gone",
        "nyu    clean    what is there is what was deployed",
        "sdsc   unknown  the cluster does not answer; see whether it runs",
    ]


def test_markdown_is_a_table_that_nothing_breaks() -> None:
    shown = report.as_markdown([DRIFTED])
    rows = [row for row in shown.splitlines() if row.startswith("| `")]
    assert len(rows) == 4
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)
    assert "| `kubectl at 2026-11-25T09:00:00Z` |" in rows[0]
    assert "not told" in rows[1]
    assert "**gone**" in rows[3]
    assert "`sslab up local --heal`" in shown


def test_markdown_of_a_site_that_is_clean_or_unknown() -> None:
    assert report.as_markdown([CLEAN]) == (
        "### nyu: clean\n\nWhat is there is what was deployed.\n\n"
    )
    assert f"`{UNKNOWN.why}`" in report.as_markdown([UNKNOWN])


def test_markdown_is_cut_where_github_would_refuse_it() -> None:
    many = tuple(
        ObjectDrift(DEPLOYMENT, f"web/{number}", "changed", (FIELD,)) for number in range(2000)
    )
    shown = report.as_markdown([SiteDrift("local", "drifted", many)])
    assert len(shown) < 65_000
    assert "Left out for want of room" in shown


def test_a_value_plays_no_tricks_with_a_terminal() -> None:
    evil = FieldDrift("spec.x", "a", "\x1b[2Jb\nc", "\x1b]0;x", "now")
    site = SiteDrift("local", "drifted", (ObjectDrift(DEPLOYMENT, "a\nb", "changed", (evil,)),))
    for shown in ("".join(report.as_text([site])), report.as_markdown([site])):
        assert "\x1b" not in shown
    assert len(list(report.as_text([site]))) == 3
