from __future__ import annotations

import pytest

from tests.components.recording import Recording, record_laboratory


@pytest.fixture(scope="session")
def local() -> Recording:
    """The laboratory of sites/local.yaml."""
    return record_laboratory()
