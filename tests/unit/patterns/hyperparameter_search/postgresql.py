"""A real PostgreSQL server of the machine, for as long as a test takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
from sqlalchemy import URL

USER, PASSWORD = "search", "0123456789abcdef"
START = Path(__file__).parents[4] / "images/postgresql/start"
NOBODY = 65534


def installed() -> bool:
    """Tell whether the machine has PostgreSQL's programs."""
    return all(shutil.which(name) for name in ("postgres", "initdb"))


class Server:
    """A server in a folder, started as its image starts it; PostgreSQL refuses to run as root."""

    def __init__(self, folder: Path, port: int, password: str = PASSWORD) -> None:
        self.folder = folder
        self.port = port
        self.password = password
        self._process: subprocess.Popen[bytes] | None = None
        self.own(folder)

    def own(self, folder: Path) -> None:
        """Give a folder to the user that the server runs as."""
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            for parent in folder.parents:  # pytest's own folders are root's alone
                if parent.owner() == "root" and parent.name.startswith(("pytest-", "popen-")):
                    parent.chmod(0o755)

    @property
    def url(self) -> URL:
        return self.address(self.port, self.password)

    @staticmethod
    def address(port: int, password: str = PASSWORD) -> URL:
        """Return the address of a server at a port of this machine, there or not."""
        return URL.create("postgresql+psycopg", USER, password, "127.0.0.1", port, USER)

    def start(self) -> None:
        """Start the server; it may take a moment until it answers."""
        self.log = self.folder / "log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(START), "-p", str(self.port), "-c", f"unix_socket_directories={self.folder}"],
                env={
                    **os.environ,
                    "PGDATA": str(self.folder / "data"),
                    "POSTGRES_USER": USER,
                    "POSTGRES_PASSWORD": self.password,
                },
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=NOBODY if os.geteuid() == 0 else None,
                group=NOBODY if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
            )

    def stop(self) -> None:
        """Stop the server as Kubernetes does: by the image's signal, SIGINT."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(timeout=30)
            self._process = None

    def ready(self, patience_s: float = 180) -> None:
        """Return once the server answers."""
        deadline = time.monotonic() + patience_s
        while not self._answers():
            ended = self._process is None or self._process.poll() is not None
            assert not ended, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            psycopg.connect(
                host="127.0.0.1", port=self.port, user=USER, password=self.password, dbname=USER
            ).close()
        except psycopg.OperationalError:
            return False
        return True
