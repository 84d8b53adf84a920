"""A new cluster's images: links to what is unpacked in the cache, and databases of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sslab.images import load
from sslab.images.unpacked import PARTS, Unpacked

BOLT, CONTENT, SNAPSHOTS = PARTS


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    """A cache in which one image is unpacked."""
    root = tmp_path / "cache/images/unpacked/containerd"
    for file, text in {
        f"{BOLT}/meta.db": "metadata",
        f"{CONTENT}/blobs/sha256/aaaa": "layer",
        f"{CONTENT}/ingest/half/data": "half a layer",
        f"{SNAPSHOTS}/metadata.db": "snapshots",
        f"{SNAPSHOTS}/snapshots/1/fs/usr/bin/python3": "program",
    }.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    (root.parent / "references").write_text("ssl.local/z-peak:0123456789abcdef")
    archive = tmp_path / "cache/images/z-peak-0123456789abcdef.tar"
    return Unpacked({"z-peak": archive}, tmp_path / "cache")


def test_layers_are_linked_and_databases_copied(unpacked: Unpacked, tmp_path: Path) -> None:
    root = tmp_path / "clusters/one/containerd"
    unpacked.unpack(root)
    assert (root / SNAPSHOTS / "snapshots/1/fs/usr/bin/python3").read_text() == "program"
    assert (root / CONTENT / "blobs/sha256/aaaa").read_text() == "layer"
    assert not (root / CONTENT / "ingest").exists()
    (root / BOLT / "meta.db").write_text("of this cluster alone")
    shutil.rmtree(root)
    other = tmp_path / "clusters/two/containerd"
    unpacked.unpack(other)
    assert (other / BOLT / "meta.db").read_text() == "metadata"
    assert (other / SNAPSHOTS / "snapshots/1/fs/usr/bin/python3").read_text() == "program"


def test_a_folder_that_is_there_is_left_alone(unpacked: Unpacked, tmp_path: Path) -> None:
    root = tmp_path / "containerd"
    (root / BOLT).mkdir(parents=True)
    (root / BOLT / "meta.db").write_text("what pods need")
    unpacked.unpack(root)
    assert (root / BOLT / "meta.db").read_text() == "what pods need"
    assert not (root / SNAPSHOTS).exists()


def test_a_folder_whose_cache_was_cleared_is_made_anew(unpacked: Unpacked, tmp_path: Path) -> None:
    root = tmp_path / "containerd"
    unpacked.unpack(root)
    layers = tmp_path / "cache/images/unpacked/containerd" / SNAPSHOTS / "snapshots"
    shutil.rmtree(layers / "1")
    (layers / "2").mkdir()
    unpacked.unpack(root)
    assert [path.name for path in (root / SNAPSHOTS / "snapshots").iterdir()] == ["2"]


def test_what_is_missing_is_loaded_once(
    unpacked: Unpacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(load, "load", lambda archives, address: loaded.append(address))
    unpacked.load(tmp_path / "socket")
    assert loaded == [tmp_path / "socket"]
    unpacked.unpack(tmp_path / "containerd")  # nothing is missing: no containerd is started
    assert len(loaded) == 1
