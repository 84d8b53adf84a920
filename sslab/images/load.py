"""Loading image archives into a cluster's containerd."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from sslab.images import command
from sslab.images.content import archive_reference
from sslab.images.errors import ImageError

NAMESPACE = "k8s.io"
"""The containerd namespace that the kubelet's images are in."""


def load(archives: Mapping[str, Path], *, address: Path) -> list[str]:
    """Import archives (by image name) into containerd; return the references that were new.

    `address` is containerd's socket. Images that are there already are left alone, as equal names
    mean equal content. Raises ImageError where containerd refuses or does not answer.
    """
    present = loaded(address)
    wanted = {archive_reference(archive): archive for archive in archives.values()}
    new = {image: archive for image, archive in wanted.items() if image not in present}
    for archive in new.values():
        _ctr(address, "import", str(archive))
    return list(new)


def loaded(address: Path) -> set[str]:
    """Return the references of all images that containerd has."""
    return set(digests(address))


def digests(address: Path) -> dict[str, str]:
    """Return the manifest digest (`sha256:...`) of each image reference that containerd has."""
    rows = (line.split() for line in _ctr(address, "list").splitlines()[1:])
    # columns: REF TYPE DIGEST SIZE PLATFORMS LABELS
    return {row[0]: row[2] for row in rows if len(row) > 2}


def _ctr(address: Path, *arguments: str) -> str:
    """Run an image command of containerd's client; return what it prints."""
    command.require("ctr", why="it loads images into the cluster")
    done = subprocess.run(
        ["ctr", "--address", address, "--namespace", NAMESPACE, "images", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip()[-1000:]
    if command.tells_disk_full(said):
        raise ImageError(
            "the disk that holds the cluster's images is full",
            remedy="free some space there (2 GB will do) and run again",
        )
    raise ImageError(
        f"containerd at {address} refused `images {' '.join(arguments)}`: {said}",
        remedy="see that the cluster runs (sslab cluster status) and run again",
    )
