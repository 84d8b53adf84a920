"""The paths by which Pulumi names a field: `spec.ports[0].port`, `metadata.labels["a.b/c"]`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Step = str | int
Steps = tuple[Step, ...]

MISSING: Final = object()
"""What is at a path that leads nowhere: null is a value."""

_STEP = re.compile(
    r"""\["(?P<quoted>(?:[^"\\]|\\.)*)"\]  # a name with a dot or a bracket in it
      | \[(?P<index>\d+)\]
      | \.?(?P<name>[^.\[]+)""",
    re.VERBOSE,
)


def parse(path: str) -> Steps:
    """Return the steps of a path: names, and the indices of lists as numbers."""
    steps: list[Step] = []
    for step in _STEP.finditer(path):
        if step["quoted"] is not None:
            steps.append(json.loads(f'"{step["quoted"]}"'))
        else:
            steps.append(int(step["index"]) if step["index"] else step["name"])
    return tuple(steps)


def value_at(document: Any, steps: Sequence[Step]) -> Any:
    """Return what the steps lead to in plain data, MISSING where they lead nowhere."""
    for step in steps:
        if isinstance(step, int):
            is_there = isinstance(document, list) and step < len(document)
        else:
            is_there = isinstance(document, Mapping) and step in document
        if not is_there:
            return MISSING
        document = document[step]
    return document
