"""A certificate authority for tests, by the openssl command."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and of its key, as PEM."""

    certificate: Path
    key: Path


class Authority:
    """An authority in a new folder; what it signs is good for two days."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._own = self._made("authority", "authority of a test")
        self.certificate = self._own.certificate

    def sign(self, name: str, *hosts: str) -> Pair:
        """Return a certificate for hosts, each as in DNS:www.example.edu or IP:192.0.2.1."""
        return self._made(
            name,
            hosts[0].partition(":")[2],
            *("-CA", str(self._own.certificate), "-CAkey", str(self._own.key)),
            *("-addext", f"subjectAltName={','.join(hosts)}"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
        )

    def _made(self, name: str, subject: str, *options: str) -> Pair:
        made = Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        done = subprocess.run(
            [
                *("openssl", "req", "-x509", "-days", "2", "-subj", f"/CN={subject}"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
                *("-keyout", str(made.key), "-out", str(made.certificate), *options),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return made
