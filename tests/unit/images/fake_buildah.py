"""A buildah that records what it is asked and does nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FAKE_BUILDAH = """\
#!/bin/sh
# the subcommand comes after the storage's options: driver, root, runroot
shift 6
echo "$@" >> "{folder}/calls"
for last; do :; done
case "$1" in
  build)
    (cd "$last" && find . -type f | sort) > "{folder}/context"
    [ ! -e "{folder}/build-says" ] || {{ cat "{folder}/build-says"; exit 1; }} ;;
  push) path=${{last#oci-archive:}}; echo whole > "${{path%%:ssl.local*}}" ;;
  images) cat "{folder}/images" 2>/dev/null ;;
  pull) [ -e "{folder}/registry" ] || {{ echo no such host; exit 125; }} ;;
  inspect) [ -e "{folder}/has-base" ] ;;
esac
"""


@dataclass
class Fake:
    """The fake buildah: files in `folder` steer it, and tell what it was asked."""

    folder: Path

    def calls(self, subcommand: str) -> list[str]:
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line for line in lines if line.split()[0] == subcommand]

    def context(self) -> list[str]:
        return (self.folder / "context").read_text().split()

    def set(self, file: str, text: str = "") -> None:
        (self.folder / file).write_text(text)


def put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file
