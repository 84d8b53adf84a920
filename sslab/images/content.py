"""What an image consists of, and the name that follows from it.

An image's name carries a hash of everything it is built from, so the same sources have the same
name on every run, and a changed source has another one: nothing has to be invalidated. Only files
of the repository are read, no program is run.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

from sslab.images.errors import ImageError

BASE = "base"
"""The folder of `images/` that describes the base; it has no Containerfile."""

FOLDERS = ("images", "tests/images")
"""Where images are described; those of the tests are built where a test asks for them."""

CONTAINERFILE = "Containerfile"
REGISTRY = "ssl.local"
HASH_DIGITS = 16


def image_names(repository: Path) -> list[str]:
    """Return the names of the images that laboratories run, sorted."""
    return sorted(found.parent.name for found in (repository / "images").glob(f"*/{CONTAINERFILE}"))


def image_folder(repository: Path, name: str) -> Path:
    """Return the folder that describes an image. Raises ImageError where there is none."""
    for parent in FOLDERS:
        if (repository / parent / name / CONTAINERFILE).is_file():
            return repository / parent / name
    raise ImageError(
        f"{repository / 'images' / name}: there is no image called {name!r} with a {CONTAINERFILE}",
        remedy="the images are " + ", ".join(image_names(repository)),
    )


def context_files(repository: Path, name: str) -> dict[str, Path]:
    """Return the files of an image's build context: path inside the context to file, sorted.

    The files of `images/<name>/` lie at the root, those of `patterns/<name>/workload/`, where the
    image belongs to a pattern, under `workload/`. Raises ImageError where there is no such image.
    """
    folder = image_folder(repository, name)
    workload = repository / "patterns" / name.replace("-", "_") / "workload"
    files = _files(folder) | {f"workload/{path}": file for path, file in _files(workload).items()}
    return dict(sorted(files.items()))


def uses_base(repository: Path, name: str) -> bool:
    """Tell whether the image, or the one it is built on, says `ARG BASE` in its Containerfile."""
    if "BASE" in _arguments(repository, name):
        return True
    parent = built_on(repository, name)
    return parent is not None and uses_base(repository, parent)


def built_on(repository: Path, name: str) -> str | None:
    """Return the image of ours that an image is built on: `ARG ANALYSIS` says `analysis`."""
    ours = {argument.lower().replace("_", "-") for argument in _arguments(repository, name)}
    return next((each for each in image_names(repository) if each in ours), None)


def _arguments(repository: Path, name: str) -> list[str]:
    """Return what the Containerfile of an image is told by whoever builds it."""
    lines = (image_folder(repository, name) / CONTAINERFILE).read_text().splitlines()
    return [line.removeprefix("ARG ") for line in lines if line.startswith("ARG ")]


def uses_apt(repository: Path, name: str) -> bool:
    """Tell whether the image installs packages of the distribution by apt-get."""
    containerfile = image_folder(repository, name) / CONTAINERFILE
    return "apt-get install" in containerfile.read_text()


def uses_npm(repository: Path, name: str) -> bool:
    """Tell whether the image installs packages by npm."""
    return "npm ci" in (image_folder(repository, name) / CONTAINERFILE).read_text()


def content_hash(repository: Path, name: str) -> str:
    """Return 16 hexadecimal digits that name the image's content.

    It covers path, bytes and executable bit of every file in the build context, the sources of the
    Go program of the same name where there is one (`toolchain/<name>/`), the base where the image
    uses it, the image of ours that it is built on, and the machine's architecture. `base` itself
    has a content hash too.
    """
    sections: dict[str, dict[str, Path]] = {}
    if name == BASE:
        sections["context"] = _files(repository / "images" / BASE)
    else:
        sections["context"] = context_files(repository, name)
        sections["program"] = _files(repository / "toolchain" / name)
        if uses_base(repository, name):
            sections["base"] = _files(repository / "images" / BASE)
    digest = hashlib.sha256(platform.machine().encode())
    parent = None if name == BASE else built_on(repository, name)
    if parent is not None:
        digest.update(f"\non {reference(repository, parent)}".encode())
    for section, files in sections.items():
        for path, file in files.items():
            executable = "x" if os.access(file, os.X_OK) else "-"
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"\n{section} {path!r} {executable} {content}".encode())
    return digest.hexdigest()[:HASH_DIGITS]


def reference(repository: Path, name: str, registry: str = REGISTRY) -> str:
    """Return the image's full reference, `<registry>/<name>:<content hash>`."""
    return f"{registry}/{name}:{content_hash(repository, name)}"


def references(repository: Path, registry: str = REGISTRY) -> dict[str, str]:
    """Return the full reference of each image that the repository builds, by its name."""
    return {name: reference(repository, name, registry) for name in image_names(repository)}


def archive_path(cache: Path, image: str) -> Path:
    """Return where the archive of an image reference lies, there or not."""
    name, tag = image.rsplit("/", 1)[-1].split(":")
    return cache / "images" / f"{name}-{tag}.tar"


def archive_reference(archive: Path, registry: str = REGISTRY) -> str:
    """Return the image reference that an archive's file name stands for."""
    name, _, tag = archive.stem.rpartition("-")
    return f"{registry}/{name}:{tag}"


def _files(folder: Path) -> dict[str, Path]:
    """Return the files under a folder by relative path, sorted, without what tools leave there."""
    found = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*")}
    return {path: file for path, file in sorted(found.items()) if file.is_file() and _kept(path)}


def _kept(path: str) -> bool:
    """Tell whether a file is a source: not in a hidden folder (caches of tools) nor bytecode."""
    return not any(part == "__pycache__" or part.startswith(".") for part in path.split("/"))
