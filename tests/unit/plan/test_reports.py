"""The reports: short first, loud where it matters, whole in every format."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from sslab.plan.as_json import as_json
from sslab.plan.compare import additions, compare
from sslab.plan.markdown import LIMIT, as_markdown
from sslab.plan.model import (
    Change,
    FieldChange,
    Finding,
    Plan,
    Power,
    Powers,
    SitePlan,
    Status,
    Total,
)
from sslab.plan.text import show
from tests.unit.plan.cases import CLAIM, CONFIG_MAP, DEPLOYMENT, SERVICE, claim, resource

HOSTILE = [
    "```", "````\n", "~~~", "</details>", "<details>", "</summary>", "<!--", "`", "``", "|", "\\|",
    "@somebody", "#1", "[x](javascript:y)", "**", "> ", "\n", "\r", "\u2028", "\x1b[31m",
    "<script>", "-->", "    ", "- ", "+++", "🧲", "\u202e", "&lt;", "$x$", "![i](http://x)",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=6).map("".join)
STATUSES: list[Status] = [
    "new",
    "changed",
    "unchanged",
    "removed",
    "uncompared",
    "planned",
    "failed",
]


def text(plan: Plan, *, terminal: bool = False) -> str:
    file = io.StringIO()
    show(plan, Console(file=file, force_terminal=terminal, width=400, soft_wrap=True))
    return file.getvalue()


@pytest.fixture
def plan() -> Plan:
    before = [
        resource(CLAIM, "data", spec=claim(storageClassName="a")),
        resource(SERVICE, spec={"ports": [{"name": "http", "port": 80}]}),
    ]
    after = [
        resource(CLAIM, "data", spec=claim(storageClassName="b")),
        resource(SERVICE, spec={"ports": [{"name": "http", "port": 81}]}),
        resource(DEPLOYMENT),
    ]
    finding = Finding(
        "images-pinned",
        "mandatory",
        after[2].urn,
        after[2].label,
        "a tag",
        "pin it",
        "docs/p",
        None,
    )
    site = SitePlan(
        "chicago",
        "changed",
        compare(before, after),
        Powers((Power("images", "x", "y"),), (Power("images", "x", "y"),), ()),
        (Total("cpu", Fraction(5), Fraction(1, 2), Fraction(4)), Total("gpu", Fraction(0))),
        (finding,),
    )
    quiet = (SitePlan(name, "unchanged") for name in ("a", "b"))
    return Plan((*quiet, site, SitePlan("cern", "planned")), against="main")


def test_text_begins_with_what_matters(plan: Plan) -> None:
    shown = text(plan)
    head, _, details = shown.partition("\nchicago\n")
    assert "Plan of 4 sites: 1 changed, 2 no change, 1 planned only, skipped" in head
    assert "no change: a, b\n" in head
    assert re.search(r"chicago +0 +1 +1 +1 +DATA IS LOST \(1\); REFUSED BY POLICIES \(1\)", head)
    assert 'spec.storageClassName: "a" -> "b"' in details
    assert "DATA IS LOST: all that is stored in the claim's volume" in details
    assert "the StorageClass of a claim cannot be changed" in details
    assert "spec.ports[http].port: 80 -> 81" in details
    assert "REFUSED BY images-pinned: Deployment ns/web: a tag; pin it (docs/p)" in details
    assert "cpu: 5 (before 500m) of 4, 125.0%" in details
    assert "more    images: x (y)" in details


def test_colours_are_for_terminals(plan: Plan) -> None:
    assert "\x1b" not in text(plan)
    assert "\x1b" in text(plan, terminal=True)


def test_json_is_as_documented(plan: Plan) -> None:
    assert as_json(plan) == as_json(plan)
    document = json.loads(as_json(plan))
    assert (document["version"], document["against"]) == (1, "main")
    assert list(document["sites"]) == ["a", "b", "chicago", "cern"]
    site = document["sites"]["chicago"]
    assert (site["status"], site["refused"], site["error"]) == ("changed", True, None)
    assert site["counts"] == {"delete": 0, "replace": 1, "change": 1, "add": 1}
    replaced = site["changes"][0]
    assert replaced["kind"] == "replace"
    assert replaced["resource"]["label"] == "PersistentVolumeClaim ns/data"
    assert replaced["data_lost"].startswith("all that is stored")
    assert replaced["fields"] == [
        {"path": "spec.storageClassName", "before": "a", "after": "b", "secret": False}
    ]
    assert site["totals"]["cpu"] == {
        "now": "5",
        "before": "500m",
        "offered": "4",
        "capacity": None,
        "percent": 125.0,
    }
    assert site["powers"]["added"] == [{"kind": "images", "what": "x", "who": "y"}]
    assert site["policies"][0]["policy"] == "images-pinned"


def test_markdown_begins_with_what_matters_and_folds_the_rest(plan: Plan) -> None:
    shown = as_markdown(plan)
    head, _, details = shown.partition("<details>")
    assert "Against `main`." in head
    assert "> [!CAUTION]" in head
    assert "DATA IS LOST" in head
    assert "| chicago | 0 | 1 | 1 | 1 | **DATA IS LOST (1)" in head
    assert "No change: a b\n" in head
    assert "replace 1, change 1, add 1</summary>" in details
    assert '    spec.storageClassName: "a" -> "b"\n' in details
    assert "left out" not in shown


def test_a_plan_without_changes_is_short() -> None:
    quiet = Plan(tuple(SitePlan(f"s{n}", "unchanged") for n in range(100)))
    assert len(as_markdown(quiet)) < 800
    assert text(quiet).count("\n") == 2


def well_formed(shown: str) -> None:
    """Fail where something has got out of its fence, span or tag."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(shown)
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>") == shown.count("\n<details>")
    assert html.count("<summary>") == html.count("</summary>") == html.count("<details>")
    rest = re.sub(r"</?(?:details|summary)>", "", html)
    assert "<" not in rest
    assert ">" not in rest
    for token in tokens:
        if token.type == "fence":
            assert token.info == "diff"
            assert all(row[:2] in ("+ ", "- ", "! ", "  ") for row in token.content.splitlines())
        for inline in token.children or ():
            allowed = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
            assert inline.type in allowed, inline
            if inline.type == "text":
                assert not re.search("[<>`@]", inline.content), inline.content
    assert sum(token.type == "fence" for token in tokens) == html.count("<details>")


def fields(draw: Any) -> tuple[FieldChange, ...]:
    steps = draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=3))
    return tuple(FieldChange(each, draw(TEXTS), draw(TEXTS)) for each in steps)


@st.composite
def plans(draw: Any) -> Plan:
    def site(name: str) -> SitePlan:
        changes = [
            Change(
                draw(st.sampled_from(["add", "change", "replace", "delete"])),
                resource(DEPLOYMENT, draw(TEXTS), namespace=draw(TEXTS)),
                fields(draw),
                tuple(draw(st.lists(TEXTS, max_size=2))),
                draw(TEXTS),
                draw(TEXTS),
            )
            for _ in range(draw(st.integers(0, 3)))
        ]
        finding = Finding(
            draw(TEXTS), "mandatory", "urn", draw(TEXTS), draw(TEXTS), draw(TEXTS), "", None
        )
        return SitePlan(
            name,
            draw(st.sampled_from(STATUSES)),
            tuple(changes),
            Powers(tuple(Power("images", draw(TEXTS), draw(TEXTS)) for _ in range(2))),
            findings=(finding,),
            error=draw(TEXTS),
            notes=(draw(TEXTS),),
        )

    names = draw(st.lists(TEXTS, max_size=4))
    return Plan(tuple(map(site, names)), draw(TEXTS), tuple(draw(st.lists(TEXTS, max_size=2))))


@pytest.mark.volume
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.sampled_from([1, 1, 30, 300]), st.sampled_from([1, 1, 9]))
def test_markdown_is_never_too_long_and_nothing_gets_out_of_it(
    made: Plan, changes: int, sites: int
) -> None:
    # many at once, so that things have to be left out
    larger = tuple(replace(site, changes=site.changes * changes) for site in made.sites)
    shown = as_markdown(replace(made, sites=larger * sites))
    assert len(shown) <= LIMIT
    assert len(shown.encode("utf-16-le", "surrogatepass")) // 2 <= LIMIT
    well_formed(shown)


def many(count: int, fields_of_each: int = 1) -> tuple[Change, ...]:
    before = [
        resource(CONFIG_MAP, f"map-{n}", data={f"k{k}": "a" for k in range(fields_of_each)})
        for n in range(count)
    ]
    after = [
        resource(CONFIG_MAP, f"map-{n}", data={f"k{k}": "b" for k in range(fields_of_each)})
        for n in range(count)
    ]
    return compare(before, after)


def test_the_least_important_is_left_out_first_and_the_command_is_named() -> None:
    powers = Powers(tuple(Power("images", f"image-{n}", "x" * 100) for n in range(700)))
    grave = compare([resource(CLAIM, "data")], [])
    site = SitePlan("chicago", "changed", (*grave, *many(20)), powers)
    shown = as_markdown(Plan((site,), against="origin/main"))
    assert "PersistentVolumeClaim ns/data" in shown
    assert "map-19" in shown
    assert "image-1" not in shown
    assert "lines are left out; sslab plan chicago --against origin/main shows them" in shown


def test_a_hundred_changed_sites_all_have_a_row_and_the_gravest_its_details() -> None:
    sites = [SitePlan(f"site-{n:03}", "changed", many(40, 3)) for n in range(99)]
    grave = SitePlan("zurich", "changed", compare([resource(CLAIM, "data")], []))
    shown = as_markdown(Plan((*sites, grave), against="main"))
    assert len(shown) <= LIMIT
    assert all(f"| site-{n:03} |" in shown for n in range(99))
    assert "delete 1</summary>" in shown
    assert shown.index("| zurich |") < shown.index("| site-000 |")
    well_formed(shown)


def test_more_than_a_comment_holds_still_says_how_much_is_left_out() -> None:
    sites = [SitePlan(f"site-{n:04}", "new", additions([resource(SERVICE)])) for n in range(3000)]
    shown = as_markdown(Plan(tuple(sites)))
    assert len(shown) <= LIMIT
    assert re.search(r"\| and \d+ more \|", shown)
    assert re.search(r"Left out for want of room: the details of \d{4} sites\.", shown)
    well_formed(shown)
