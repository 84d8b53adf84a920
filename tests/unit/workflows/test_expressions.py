"""The harness' expressions: as GitHub evaluates them, and loud on anything else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.expressions import Evaluator, Strict, UnknownError

CONTEXTS: dict[str, Any] = {
    "github": Strict({"event": {"number": 3}, "sha": "abc"}),
    "needs": Strict({"a": {"result": "success"}, "b": {"result": "failure"}}),
    "inputs": Strict({"sites": '{"push":["x"],"pull":[]}'}),
}


@pytest.fixture
def evaluator() -> Evaluator:
    functions = {"success": lambda: False, "always": lambda: True, "cancelled": lambda: False}
    return Evaluator(CONTEXTS, functions)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.sha", "abc"),
        ("github.event.number", 3),
        ("github.event.pull_request.number || 'none'", "none"),
        ("'it''s'", "it's"),
        ("'A' == 'a'", True),
        ("'3' == 3", True),
        ("null == ''", True),
        ("1 != 2 && !false", True),
        ("('a' || 'b') && 'c'", "c"),
        ("contains(needs.*.result, 'failure')", True),
        ("contains(needs.*.result, 'cancelled')", False),
        ("fromJSON(inputs.sites).push[0]", "x"),
        ("fromJSON(inputs.sites).pull[0] != null", False),
        ("startsWith('refs/heads/main', 'refs/')", True),
        ("""'{"a":[],"b":{}}' != inputs.sites""", True),
    ],
)
def test_values(evaluator: Evaluator, expression: str, value: Any) -> None:
    assert evaluator.value(expression) == value


@pytest.mark.parametrize(
    "expression",
    ["github.shaa", "secret.X", "format('{0}', 1)", "1 +", "(1", "github.", "needs.c.result", "'a"],
)
def test_what_is_not_known_is_loud(evaluator: Evaluator, expression: str) -> None:
    with pytest.raises(UnknownError):
        evaluator.value(expression)


def test_texts_and_conditions(evaluator: Evaluator) -> None:
    assert evaluator.text("deploy-${{ github.sha }}-${{ '}' }}") == "deploy-abc-}"
    assert evaluator.whole("${{ fromJSON(inputs.sites).push }}") == ["x"]
    assert evaluator.condition("github.sha == 'abc'") is False  # and success()
    assert evaluator.condition("always() && github.sha == 'abc'") is True
    assert evaluator.condition("${{ !cancelled() }}") is True
    assert evaluator.condition(None) is False
    with pytest.raises(UnknownError):
        evaluator.text("${{ github.sha")
