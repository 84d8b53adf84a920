from __future__ import annotations

import pytest

from sslab.drift.property_path import MISSING, parse, value_at


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.ports[0].port", ("spec", "ports", 0, "port")),
        ('metadata.labels["app.io/name"]', ("metadata", "labels", "app.io/name")),
        (r'data["a\"b"].c', ("data", 'a"b', "c")),
        ("rules[1][2]", ("rules", 1, 2)),
        ("name", ("name",)),
    ],
)  # fmt: skip
def test_a_path_is_taken_apart(path: str, steps: tuple[str | int, ...]) -> None:
    assert parse(path) == steps


def test_a_value_is_found_and_null_is_one() -> None:
    document = {"spec": {"ports": [{"port": 80, "name": None}]}}
    assert value_at(document, parse("spec.ports[0].port")) == 80
    assert value_at(document, parse("spec.ports[0].name")) is None
    for nowhere in ("spec.ports[1]", "spec.other", "spec.ports.x", "spec[0]"):
        assert value_at(document, parse(nowhere)) is MISSING
    assert value_at(None, parse("spec")) is MISSING
