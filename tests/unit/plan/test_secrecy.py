"""No report of a plan shows a secret, wherever it stands."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from sslab.plan.as_json import as_json
from sslab.plan.compare import compare
from sslab.plan.markdown import as_markdown
from sslab.plan.model import Finding, Plan, Power, Powers, SitePlan
from sslab.plan.secrecy import line, value_text
from sslab.plan.text import show
from tests.unit.plan.cases import CONFIG_MAP, DEPLOYMENT, PROVIDER, pod, resource

CANARIES = {
    "an AWS key": "AKIA" + "CANARY" * 2 + "ABCD",
    "a GitHub token": "ghp_" + "canary" * 6,
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\ncanarycanary",
    "a password in an address": "https://user:canarycanary@example.edu/",
    "a web token": "eyJjYW5hcnkwMDA." + "eyJjYW5hcnkwMDA.c2ln",
}


def rendered(plan: Plan) -> str:
    terminal = io.StringIO()
    show(plan, Console(file=terminal, force_terminal=True, width=500))
    return "\n".join([terminal.getvalue(), as_markdown(plan), as_json(plan)])


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(canary: str) -> None:
    before = [resource(CONFIG_MAP, data={"a": canary, "b": "x"})]
    after = [
        resource(CONFIG_MAP, data={"a": "y", "b": f"x {canary}", canary: "z"}),
        resource(DEPLOYMENT, canary, spec=pod({"name": canary, "args": [canary]})),
    ]
    finding = Finding(
        "p", "mandatory", after[1].urn, canary, f"it says {canary}", canary, canary, None
    )
    power = Power("images", canary, canary)
    plan = Plan(
        (
            SitePlan(
                "a",
                "changed",
                compare(before, after),
                Powers((power,), (power,), (power,)),
                findings=(finding,),
                error=f"failed with {canary}",
                notes=(canary,),
            ),
            SitePlan("b", "new", compare([], after), Powers((power,))),
        ),
        against=canary,
        notes=(canary,),
    )
    text = rendered(plan)
    assert canary not in text
    assert "canarycanary" not in text
    assert "(hidden)" in text


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        (DEPLOYMENT, {"spec": pod({"name": "a", "env": [{"name": "DB_PASSWORD", "value": "x"}]})},
         {"spec": pod({"name": "a", "env": [{"name": "DB_PASSWORD", "value": "canary"}]})}),
        (DEPLOYMENT, {"spec": pod({"name": "a"})},
         {"spec": pod({"name": "a", "env": [{"name": "API_KEY", "value": "canary"}]})}),
        (DEPLOYMENT, {"spec": pod({"name": "a"})},
         {"spec": pod({"name": "a"},
                      {"name": "b", "env": [{"name": "TOKEN", "value": "canary"}]})}),
        (CONFIG_MAP, {"data": {"password": "canary"}}, {"data": {"password": "other canary"}}),
        (CONFIG_MAP, {}, {"data": {"s3-secret-key": "canary"}}),
        (PROVIDER, {"kubeconfig": "/a"}, {"kubeconfig": "clusters:\n- token: canary\n"}),
    ],
)  # fmt: skip
def test_what_is_called_a_secret_is_hidden(token: str, before: Any, after: Any) -> None:
    changes = compare([resource(token, **before)], [resource(token, **after)])
    text = rendered(Plan((SitePlan("a", "changed", changes),)))
    assert "canary" not in text
    assert "(secret)" in text


def test_a_path_of_a_kubeconfig_and_a_reference_to_a_secret_are_shown() -> None:
    changes = compare(
        [resource(PROVIDER, kubeconfig="/a"), resource(DEPLOYMENT, spec=pod({"name": "a"}))],
        [
            resource(PROVIDER, kubeconfig="/b"),
            resource(DEPLOYMENT, spec=pod({"name": "a", "secretName": "shown-one"})),
        ],
    )
    text = rendered(Plan((SitePlan("a", "changed", changes),)))
    assert '"/b"' in text
    assert "shown-one" in text


def test_a_line_is_one_line_that_does_nothing_to_a_terminal() -> None:
    assert line("a\nb\x1b[31mc\u202ed\ta") == "a\\nb\\x1b[31mc\\u202ed\\ta"
    assert line("x" * 20, 10) == "xxxxxx ..."
    assert value_text(None) == "nothing"
    assert value_text({"a": [1, "b"]}) == '{"a": [1, "b"]}'
