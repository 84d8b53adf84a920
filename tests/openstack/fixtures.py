"""The session's cloud, on a cluster of its own.

A test module that wants it says `pytest_plugins = ("tests.openstack.fixtures",)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sslab.cluster.lifecycle import Cluster
from sslab.images import build, content, load
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.toolchain import found, machine
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import CLUSTER
from tests.openstack.cloud import ROOT, Cloud, openstack


@pytest.fixture(scope="session")
def openstack_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with nothing of the laboratory's in it, on a cluster that carries nothing else."""
    progress = Progress()
    machine.ensure(progress)
    toolchain = Toolchain(ROOT / "toolchain", cache_dir())
    toolchain.ensure(toolchain.missing(CLUSTER), progress)
    programs, _ = found.cluster(toolchain)
    archives = build.ensure(
        ["pause"],
        repository=ROOT,
        cache=cache_dir(),
        progress=progress,
        extra_files={"pause": {"pause": programs["pause"]}},
    )
    cluster = Cluster(tmp_path_factory.mktemp("openstack"), "openstack")
    try:
        spec = cluster.start(
            programs,
            content.reference(ROOT, "pause"),
            lambda address: load.load(archives, address=address),
            {},
            progress,
        )
        with openstack(spec) as made:
            yield made
    finally:
        cluster.delete()
