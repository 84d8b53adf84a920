"""Building the pinned programs once, into the cache.

A program is built in a copy of its module's folder, written under a name of its own and renamed
when it is whole: an interrupted build leaves no half program, and Go's own build cache lets the
next one go on where it stopped. A lock a module keeps two runs from building the same.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sslab.progress import Progress, duration
from sslab.toolchain import golang
from sslab.toolchain.charts import Chart, ChartFolder
from sslab.toolchain.errors import ToolError
from sslab.toolchain.programs import BUILD_FLAGS, Program, module_hash

LOG_TAIL = 15


@dataclass(frozen=True)
class Toolchain:
    """Where the built programs lie: `sources` is the clone's toolchain/, `cache` the user's."""

    sources: Path
    cache: Path

    def folder(self, program: Program) -> Path:
        """Return the folder of the programs of this program's module."""
        key = module_hash(self.sources, program.module)
        return self.cache / "toolchain" / f"{program.module}-{key}"

    def path(self, program: Program) -> Path:
        """Return where the built program lies, there or not."""
        return self.folder(program) / program.name

    def missing(self, programs: Sequence[Program]) -> list[Program]:
        """Return the programs that are not built yet."""
        return [program for program in programs if not self.path(program).exists()]

    def ensure(self, programs: Sequence[Program], progress: Progress) -> None:
        """Build what is missing, telling what, n of m, and the time taken.

        Raises ToolError with the end of the compiler's output where a build fails.
        """
        missing = self.missing(programs)
        if not missing:
            return
        go = golang.ensure(self.cache)
        started = time.monotonic()
        for number, program in enumerate(missing, start=1):
            with progress.step(f"building {program.name} ({number} of {len(missing)})"):
                self._build(go, program, progress)
        progress.line(f"  {len(missing)} tools built in {duration(time.monotonic() - started)}")

    def chart(self, chart: Chart) -> ChartFolder:
        """Return where a chart lies, there or not."""
        version, digest = chart.version(self.sources), chart.digest(self.sources)
        name = f"{chart.name}-{version}@sha256:{digest}"
        return ChartFolder(self.cache / "charts" / name, version)

    def ensure_charts(self, charts: Sequence[Chart]) -> None:
        """Copy the charts that are missing out of Go's module cache. Raises ToolError."""
        for chart in charts:
            folder = self.chart(chart).path
            if folder.exists():
                continue
            module = _module_dir(
                golang.ensure(self.cache), self.sources / chart.module, chart.source
            )
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.parent / f".{chart.name}.lock"):
                if not folder.exists():
                    partial = folder.with_name(f".{chart.name}.partial")
                    shutil.rmtree(partial, ignore_errors=True)
                    _copy_folder(module / chart.folder, partial)
                    partial.replace(folder)

    def _build(self, go: str, program: Program, progress: Progress) -> None:
        """Build one program unless another run has done so while this one waited."""
        folder = self.folder(program)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress.line(f"  {program.name}: waiting for another run that builds {folder.name}")
            lock.acquire()
        try:
            if not self.path(program).exists():
                self._compile(go, program, folder)
        except OSError as error:
            raise _disk(error, folder) from error
        finally:
            lock.release()

    def _compile(self, go: str, program: Program, folder: Path) -> None:
        work = folder / "src"
        shutil.copytree(self.sources / program.module, work, dirs_exist_ok=True)
        for module, path in program.embed:
            _copy(_module_dir(go, work, module) / path, work)
        for module, path in program.beside:
            _copy(_module_dir(go, work, module) / path, folder, mode=0o755)
        partial = folder / f".{program.name}.partial"
        version = program.version(self.sources)
        major, minor, *_ = f"{version}.0".split(".")
        ldflags = program.ldflags.format(version=version, major=major, minor=minor)
        log = folder / f"{program.name}.log"
        with log.open("w") as output:
            built = subprocess.run(
                [go, "build", *BUILD_FLAGS, "-ldflags", ldflags, "-o", partial, program.package],
                cwd=work,
                env=_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if built.returncode != 0:
            partial.unlink(missing_ok=True)
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL:])
            raise ToolError(
                f"building {program.name} failed:\n{tail}\n(the whole output: {log})",
                remedy="check the network and the disk and run again: what is built stays built",
            )
        partial.replace(folder / program.name)
        log.unlink()


def _environment() -> dict[str, str]:
    """Return the environment of `go build`: static programs, no surprise from the user's flags."""
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}


def _module_dir(go: str, work: Path, module: str) -> Path:
    """Return the folder of a module's sources in Go's module cache, fetched where it is missing."""
    listed = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", module],
        cwd=work,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    folder = listed.stdout.strip()
    if not folder:  # not in the module cache yet
        fetched = subprocess.run(
            [go, "mod", "download", "-json", module],
            cwd=work,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if fetched.returncode != 0:
            raise ToolError(
                f"the sources of {module} cannot be fetched: {fetched.stderr.strip()[-300:]}",
                remedy="check the network (and GOPROXY) and run again",
            )
        return _module_dir(go, work, module)
    return Path(folder)


def _copy(source: Path, folder: Path, mode: int = 0o644) -> None:
    """Copy a file that the module cache keeps read-only, so that a second build can replace it."""
    target = folder / source.name
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _copy_folder(source: Path, target: Path) -> None:
    """Copy a folder that the module cache keeps read-only, so that it can be deleted again."""
    target.mkdir()
    for entry in source.iterdir():
        if entry.is_dir():
            _copy_folder(entry, target / entry.name)
        else:
            _copy(entry, target)


def _disk(error: OSError, folder: Path) -> ToolError:
    if error.errno == errno.ENOSPC:
        return ToolError(
            f"the disk that holds {folder} is full",
            remedy="free 10 GB there, or set XDG_CACHE_HOME to a larger disk, and run again",
        )
    return ToolError(f"{error.strerror}: {error.filename or folder}", remedy="check its owner")
