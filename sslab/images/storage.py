"""The builder's own image storage in the cache, worked on by buildah.

The machine's container storage is never touched. Layers stay in the storage, so a changed workload
does not install its dependencies again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sslab.images import command, trust


class Storage:
    """A container storage under `folder`, used by one run at a time.

    `folder` also has `tmp/` (made anew for each run, for everything short-lived) and `logs/`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tmp = folder / "tmp"
        self.logs = folder / "logs"

    def prepare(self) -> None:
        """Remove what an interrupted run left: temporary files and working containers."""
        command.require("buildah", why="images are built with it")
        self.clean()
        self.tmp.mkdir(parents=True)
        self.logs.mkdir(exist_ok=True)
        self.query("rm", "--all")

    def clean(self) -> None:
        """Remove what a run needs only while it lasts."""
        shutil.rmtree(self.tmp, ignore_errors=True)

    def log(self, image: str) -> Path:
        """Return an empty log file for work on an image reference."""
        log = self.logs / f"{image.rsplit('/', 1)[-1].replace(':', '-')}.log"
        log.unlink(missing_ok=True)
        return log

    def has(self, image: str) -> bool:
        """Tell whether an image reference is in the storage."""
        return self.query("inspect", "--type", "image", image)[0] == 0

    def images(self) -> list[str]:
        """Return the references of all named images in the storage."""
        status, output = self.query("images", "--format", "{{.Name}}:{{.Tag}}")
        return [line for line in output.split() if "<none>" not in line] if status == 0 else []

    def query(self, *arguments: str) -> tuple[int, str]:
        """Run a short buildah command; return its exit status and its output."""
        return command.capture([*self._buildah, *arguments], folder=self.folder)

    def run(
        self,
        *arguments: str | Path,
        what: str,
        log: Path,
        first_answer: tuple[str, float] | None = None,
    ) -> None:
        """Run a long buildah command, its output going to `log`; ImageError where it fails."""
        command.run(
            [*self._buildah, *arguments],
            what=what,
            log=log,
            environment={"TMPDIR": str(self.tmp)},
            first_answer=first_answer,
        )

    def build(
        self,
        context: Path,
        image: str,
        *,
        arguments: Mapping[str, str],
        log: Path,
        volumes: Sequence[str] = (),
    ) -> None:
        """Build an image from a context with a Containerfile, on the network of this machine.

        `arguments` are those of the Containerfile: the images that it is built on.
        `volumes` are mounted while the build runs, `<file>:<path in the image>:ro`.
        """
        pip = self.tmp / "pip.conf"
        pip.touch(mode=0o600)
        pip.write_text(trust.pip_configuration())
        options: list[str | Path] = ["--volume", f"{pip}:{trust.PIP_CONFIGURATION}:ro"]
        bundle = trust.certificate_bundle()
        if bundle is not None:
            options += ["--volume", f"{bundle.resolve()}:{trust.CERTIFICATES}:ro"]
        for volume in volumes:
            options += ["--volume", volume]
        for name, value in arguments.items():
            options += ["--build-arg", f"{name}={value}"]
        self.run(
            *("build", "--isolation", "chroot", "--format", "oci", "--layers", "--pull-never"),
            *options,
            *("--tag", image, context),
            what=f"building {image}",
            log=log,
        )

    def export(self, image: str, archive: Path, *, log: Path) -> None:
        """Write an image as an OCI archive, whole or not at all."""
        partial = self.tmp / archive.name
        self.run(
            *("push", "--format", "oci", "--compression-format", "zstd"),  # quicker than gzip
            *(image, f"oci-archive:{partial}:{image}"),
            what=f"writing {archive.name}",
            log=log,
        )
        partial.replace(archive)

    @cached_property
    def _buildah(self) -> list[str | Path]:
        """Return buildah's command line up to the subcommand.

        Overlay is quick and small; where the kernel or the disk refuses it, as inside some
        containers, vfs copies files instead. Each has a storage of its own.
        """
        for driver in ("overlay", "vfs"):
            line: list[str | Path] = ["buildah", "--storage-driver", driver]
            line += ["--root", self.folder / driver, "--runroot", self.tmp / "run"]
            if command.capture([*line, "info"], folder=self.folder)[0] == 0:
                break
        return line
