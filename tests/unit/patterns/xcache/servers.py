"""XRootD's own server, of the distribution: one with files, and one that is a cache before it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from tests.unit.patterns.ports import free_port

NOBODY = 65534

ORIGIN = """\
xrd.port {port}
all.export /data
oss.localroot {folder}/files
all.adminpath {folder}/run
all.pidpath {folder}/run
"""
CACHE = """\
xrd.port {port}
all.export /root:/
ofs.osslib libXrdPss.so
pss.cachelib libXrdPfc.so
pss.origin =
oss.localroot {folder}/files
pfc.ram 1g
pfc.blocksize 64k
pfc.diskusage 0.98 0.99
all.adminpath {folder}/run
all.pidpath {folder}/run
"""


class Server:
    """A server in a folder of its own, which does not run as root."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.files = folder / "files"
        self.port = free_port()
        self._folder = folder
        self._file = folder / "configuration"
        for each in (folder, self.files, folder / "run"):
            each.mkdir(parents=True, exist_ok=True)
            each.chmod(0o777)
        self._file.write_text(configuration.format(port=self.port, folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        account = NOBODY if os.geteuid() == 0 else None
        self._process = subprocess.Popen(
            ["xrootd", "-c", str(self._file), "-l", str(self._folder / "run/log")],
            cwd=self._folder / "run",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "run/log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it; nothing happens where it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0
