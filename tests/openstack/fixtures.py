"""The session's cloud, on a cluster of its own.

A test module that wants it says `pytest_plugins = ("tests.openstack.fixtures",)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clusters import embedded_cluster
from tests.openstack.cloud import Cloud, openstack


@pytest.fixture(scope="session")
def openstack_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with nothing of the laboratory's in it, on a cluster that carries nothing else."""
    folder = tmp_path_factory.mktemp("openstack")
    with embedded_cluster(folder, "openstack") as spec, openstack(spec) as made:
        yield made
