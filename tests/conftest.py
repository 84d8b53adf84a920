"""In a fork: only the tests that hold for any site file look at the fork's own.

The others are about the code beside the founding sites. `python -m tests`, which `make test-fast`
and `make test` call, runs them in a copy of the fork that has those sites (docs/fork.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.founding import is_fork

MARK = "mark.sites"

# clusters run beside these tests: how long an example takes says nothing about the code
settings.register_profile(
    "beside-others", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("beside-others")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Do not import what reads the founding sites, where the sites are a fork's."""
    if not is_fork() or collection_path.suffix != ".py":
        return None
    return MARK not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what else is in the modules that are imported."""
    if not is_fork():
        return
    others = [item for item in items if item.get_closest_marker("sites") is None]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item.get_closest_marker("sites") is not None]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the other tests are."""
    if is_fork():
        terminalreporter.write_line(
            "These are the tests of this fork's own sites. Those of the code need the founding "
            "sites: `python -m tests` runs them in a copy that has them."
        )
