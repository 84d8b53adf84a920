"""In a fork: only the tests that hold for any site file look at the fork's own.

The others are about the code beside the founding sites. `python -m tests`, which `make test-fast`
and `make test` call, runs them in a copy of the fork that has those sites (docs/fork.md).
"""

from __future__ import annotations

import pytest

from tests.founding import is_fork

_deselected = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of the code out, where the sites are a fork's."""
    if not is_fork():
        return
    others = [item for item in items if item.get_closest_marker("sites") is None]
    config.stash[_deselected] = len(others)
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item.get_closest_marker("sites") is not None]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were left out, and which command runs them."""
    number = terminalreporter.config.stash.get(_deselected, 0)
    if number:
        terminalreporter.write_line(
            f"{number} tests are about the code beside the founding sites, which a fork has not: "
            "`python -m tests` runs them in a copy that has"
        )
