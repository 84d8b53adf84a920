"""Building images once, into the cache.

An image is an OCI archive `<cache>/images/<name>-<content hash>.tar`, written under a temporary
name and renamed when it is whole. One run builds at a time; another one waits and then finds
everything built.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sslab.images import command
from sslab.images.base import apt_volumes, ensure_base
from sslab.images.content import (
    BASE,
    archive_path,
    archive_reference,
    built_on,
    context_files,
    reference,
    uses_apt,
    uses_base,
    uses_npm,
)
from sslab.images.errors import ImageError
from sslab.images.storage import Storage
from sslab.images.trust import npm_volumes
from sslab.progress import Progress, duration

ExtraFiles = Mapping[str, Mapping[str, Path]]
"""Files that are built, not kept in git: image name to path in its context to file."""

EPOCH_S = 1_577_836_800
"""2020-01-01: the time of every file in a context, so that a new clone finds its layers cached."""


def ensure(
    names: Sequence[str],
    *,
    repository: Path,
    cache: Path,
    progress: Progress,
    extra_files: ExtraFiles | None = None,
) -> dict[str, Path]:
    """Return the archives of images by name, building those that are not in the cache.

    Raises ImageError where a tool is missing, a build fails or the disk is full. However it ends,
    the next call goes on with what is missing.
    """
    references = {name: reference(repository, name) for name in names}
    archives = {name: archive_path(cache, image) for name, image in references.items()}
    if _missing(archives):
        started = time.monotonic()
        with _storage(cache, progress) as storage:
            missing = _missing(archives)  # another run may have built some in the meantime
            base = _base(storage, repository, missing)
            total = len(missing) + bool(base)
            if base:
                with progress.step(f"making the image base (1 of {total})"):
                    ensure_base(storage, repository, base)
            for number, name in enumerate(missing, start=total - len(missing) + 1):
                with progress.step(f"building image {name} ({number} of {total})"):
                    extra = (extra_files or {}).get(name, {})
                    _build(storage, repository, name, archives[name], extra)
            storage.query("rmi", "--prune")  # the stages that no image has as a layer
        if total:
            progress.line(f"  {total} images built in {duration(time.monotonic() - started)}")
    return archives


def _missing(archives: Mapping[str, Path]) -> list[str]:
    return [name for name, archive in archives.items() if not archive.exists()]


def _base(storage: Storage, repository: Path, names: Sequence[str]) -> str | None:
    """Return the reference of the base where the images need it and the storage lacks it."""
    image = reference(repository, BASE)
    needed = any(uses_base(repository, name) for name in names)
    return image if needed and not storage.has(image) else None


def _build(
    storage: Storage, repository: Path, name: str, archive: Path, extra: Mapping[str, Path]
) -> None:
    """Build one image and write its archive."""
    image = archive_reference(archive)
    log = storage.log(image)
    _layers(storage, repository, name, image, extra)
    storage.export(image, archive, log=log)
    log.unlink()


def _layers(
    storage: Storage, repository: Path, name: str, image: str, extra: Mapping[str, Path]
) -> None:
    """Put an image into the storage, and before it the one of ours that it is built on."""
    arguments = {}
    parent = built_on(repository, name)
    if parent is not None:
        below = reference(repository, parent)
        arguments[parent.upper().replace("-", "_")] = below
        if not storage.has(below):
            _layers(storage, repository, parent, below, {})
            storage.log(below)  # none of it is worth keeping
    elif uses_base(repository, name):
        arguments["BASE"] = reference(repository, BASE)
    context = storage.tmp / "context" / name
    stage(context, {**context_files(repository, name), **extra})
    volumes = apt_volumes(storage.tmp) if uses_apt(repository, name) else []
    volumes += npm_volumes(storage.tmp) if uses_npm(repository, name) else []
    storage.build(context, image, arguments=arguments, log=storage.log(image), volumes=volumes)


def stage(context: Path, files: Mapping[str, Path]) -> None:
    """Copy files into a build context, with the same modes and times whoever cloned them."""
    for path, file in files.items():
        target = context / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
        os.utime(target, (EPOCH_S, EPOCH_S))


@contextmanager
def _storage(cache: Path, progress: Progress) -> Iterator[Storage]:
    """Hold the builder's storage alone, prepared; tell a full disk from other failures."""
    if os.geteuid() != 0:
        raise ImageError("images are built by root alone", remedy="run the command with sudo")
    storage = Storage(cache / "images" / "builder")
    try:
        storage.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache / "images" / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress.line("  images: waiting for another run that builds them")
            lock.acquire()
        try:
            storage.prepare()
            yield storage
        finally:
            storage.clean()
            lock.release()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise command.disk_full(cache) from error
        raise ImageError(
            f"{error.filename or cache}: {error.strerror}",
            remedy="make the cache writable, or set XDG_CACHE_HOME to a folder that is",
        ) from error
