"""Images unpacked once for all clusters of this machine.

To unpack images costs more than anything else that a new cluster waits for, and gigabytes. So they
are unpacked into one containerd folder in the cache. A new cluster's own folder begins with links
to the layers there, which containerd never writes to again, and with copies of its databases.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from sslab.images import command, load
from sslab.images.content import archive_reference
from sslab.images.errors import ImageError

ANSWER_S = 60.0
END_S = 20.0
SOCKET = Path("/run/sslab-images/containerd.sock")
PARTS = {
    "io.containerd.metadata.v1.bolt": "",
    "io.containerd.content.v1.content": "blobs/sha256",
    "io.containerd.snapshotter.v1.overlayfs": "snapshots",
}
"""Containerd's plugins that keep images, and the folder of each whose entries are never changed."""

ALONE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private")


class Unpacked:
    """Images, by the archives of them, for the containerd of a cluster."""

    def __init__(self, archives: Mapping[str, Path], cache: Path) -> None:
        self._archives = archives
        self._folder = cache / "images" / "unpacked"
        self._root = self._folder / "containerd"
        self._known = self._folder / "references"

    def load(self, address: Path) -> None:
        """Load what is missing into the containerd that answers at a socket. Raises ImageError."""
        load.load(self._archives, address=address)

    def unpack(self, root: Path) -> None:
        """Make `root` a containerd folder that has the images. Raises ImageError.

        A folder that is there is left alone, unless the cache has been cleared since: what it
        links to is gone then, so it is made anew, and pods with it.
        """
        if root.exists() and not _broken(root):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock"):
            self._fill()
            partial = root.with_name(f"{root.name}.partial")
            for old in (partial, root):
                if old.exists():
                    shutil.rmtree(old)
            _link(self._root, partial)
            partial.rename(root)

    def _fill(self) -> None:
        """Unpack what is missing. Nothing is ever removed: a cluster may link to it."""
        known = set(self._known.read_text().split()) if self._known.exists() else set()
        if {archive_reference(archive) for archive in self._archives.values()} <= known:
            return
        with _containerd(self._folder, self._root) as address:
            self.load(address)
            known = load.loaded(address)
        self._known.write_text("\n".join(sorted(known)))


@contextmanager
def _containerd(folder: Path, root: Path) -> Iterator[Path]:
    """Run a containerd on a folder while the block runs; yield its socket."""
    command.require("containerd", why="the cluster's pods run in it")
    SOCKET.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = folder / "containerd.toml"
    configuration.write_text(
        f'version = 2\nroot = "{root}"\nstate = "{SOCKET.parent / "state"}"\n'
        f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "{SOCKET}"\n'
    )
    with (folder / "containerd.log").open("w") as log:
        # it dies with this process, and with it what it has mounted to unpack
        process = subprocess.Popen(
            [*ALONE, "containerd", f"--config={configuration}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await_answer(process, folder / "containerd.log")
            yield SOCKET
        finally:
            process.terminate()  # in peace, so that its databases are whole
            process.wait(END_S)
            shutil.rmtree(SOCKET.parent, ignore_errors=True)


def _await_answer(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + ANSWER_S
    while True:
        try:
            load.loaded(SOCKET)
            return
        except ImageError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ImageError(
                    f"containerd does not unpack images: {error}", remedy=f"see {log}"
                ) from error
        time.sleep(0.1)


def _link(source: Path, target: Path) -> None:
    """Make a containerd folder with the images of another, linking to what it has unpacked."""
    for plugin, content in PARTS.items():
        for database in (source / plugin).glob("*.db"):
            (target / plugin).mkdir(parents=True, exist_ok=True)
            shutil.copy2(database, target / plugin / database.name)
        if content:
            folder = target / plugin / content
            folder.mkdir(parents=True, exist_ok=True)
            for entry in (source / plugin / content).iterdir():
                (folder / entry.name).symlink_to(entry)


def _broken(root: Path) -> bool:
    """Tell whether a containerd folder links to something that is gone."""
    return any(
        entry.is_symlink() and not entry.exists()
        for plugin, content in PARTS.items()
        for entry in (root / plugin / content).glob("*")
    )
