"""Two values field by field: one change a reader would name is one change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslab.plan.fields import changes

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner.filter(lambda value: value is not None), max_size=4)
        | st.dictionaries(st.sampled_from(["name", "a", "b.c"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [(each.path, each.before, each.after) for each in changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({}, {"a": {"b": 1}}, [("a", None, {"b": 1})]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({"a": None}, {}, []),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": 0}, {"a": False}, [("a", 0, False)]),
        # an empty rule lets everything in, no rule lets nothing in
        ({"ingress": []}, {"ingress": [{}]}, [("ingress[0]", None, {})]),
        ({"a": {"x/y.z": 1}}, {"a": {"x/y.z": 2}}, [('a["x/y.z"]', 1, 2)]),
    ],
)
def test_fields(before: Any, after: Any, expected: list[Any]) -> None:
    assert told(before, after) == expected


def test_named_elements_are_compared_by_name() -> None:
    before = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]}
    after = {
        "containers": [
            {"name": "sidecar", "image": "z"},
            {"name": "a", "image": "x:2"},
            {"name": "b", "image": "y"},
        ]
    }
    assert told(before, after) == [
        ("containers[a].image", "x:1", "x:2"),
        ("containers[sidecar]", None, {"name": "sidecar", "image": "z"}),
    ]


def test_another_order_of_named_elements_is_said_once() -> None:
    before, after = [{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]
    assert told({"env": before}, {"env": after}) == [("env[order]", ["a", "b"], ["b", "a"])]


def test_mounts_with_one_name_are_told_apart_by_their_path() -> None:
    before = [{"name": "data", "mountPath": "/a"}, {"name": "data", "mountPath": "/b"}]
    after = [{"name": "data", "mountPath": "/a"}, {"name": "data", "mountPath": "/c"}]
    assert told({"m": before}, {"m": after}) == [
        ("m[/b]", before[1], None),
        ("m[/c]", None, after[1]),
    ]


def test_one_more_argument_is_one_change() -> None:
    before, after = ["--a", "--b=1", "--c"], ["--a", "--new", "--b=2", "--c"]
    assert told({"args": before}, {"args": after}) == [
        ("args[1]", "--b=1", "--new"),
        ("args[2]", None, "--b=2"),
    ]
    assert told({"args": before}, {"args": [*before, "--d"]}) == [("args[3]", None, "--d")]


@given(PLAIN, PLAIN)
def test_equal_values_have_no_changes_and_others_have_some(before: Any, after: Any) -> None:
    assert told(before, before) == []
    assert bool(told(before, after)) == bool(told(after, before))
    if not told({"v": before}, {"v": after}):
        assert _known(before) == _known(after)


def _known(value: Any) -> Any:
    """Return a value without what is null, with its numbers and truth values told apart."""
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_known(each) for each in value]
    return repr(value)
