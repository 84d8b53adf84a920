from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from sslab.images import content
from sslab.images.errors import ImageError

CLONE = Path(__file__).parents[3]


def test_images_are_the_folders_with_a_containerfile(repository: Path) -> None:
    assert content.image_names(repository) == ["pause", "z-peak"]


def test_the_repositorys_images_are_named_quickly() -> None:
    started = time.perf_counter()
    references = [content.reference(CLONE, name) for name in content.image_names(CLONE)]
    assert time.perf_counter() - started < 0.5  # 5 to 10 ms; a busy machine may take its time
    assert {"pause", "seaweedfs", "traefik"} <= {re.split("[/:]", image)[1] for image in references}


def test_a_reference_has_registry_name_and_hash(repository: Path) -> None:
    digits = content.content_hash(repository, "z-peak")
    assert re.fullmatch("[0-9a-f]{16}", digits)
    assert content.reference(repository, "z-peak") == f"ssl.local/z-peak:{digits}"
    assert content.reference(repository, "z-peak", "r.example") == f"r.example/z-peak:{digits}"


def test_the_context_has_the_workload(repository: Path) -> None:
    assert list(content.context_files(repository, "z-peak")) == [
        "Containerfile",
        "requirements.lock",
        "workload/z_peak/fit.py",
    ]


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("images/z-peak/Containerfile", {"z-peak"}),
        ("images/z-peak/new.txt", {"z-peak"}),
        ("patterns/z_peak/workload/z_peak/fit.py", {"z-peak"}),
        ("patterns/z_peak/component.py", set()),
        ("images/base/base.toml", {"z-peak"}),
        ("toolchain/pause/main.go", {"pause"}),
        ("patterns/z_peak/workload/__pycache__/fit.pyc", set()),
        ("images/z-peak/.ruff_cache/CACHE", set()),
    ],
)
def test_what_changes_the_hash(repository: Path, file: str, changed: set[str]) -> None:
    before = {name: content.content_hash(repository, name) for name in ("pause", "z-peak")}
    path = repository / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as opened:
        opened.write("ARG BASE\n")
    after = {name: content.content_hash(repository, name) for name in before}
    assert {name for name in before if before[name] != after[name]} == changed


def test_the_executable_bit_changes_the_hash_other_bits_do_not(repository: Path) -> None:
    file = repository / "images/z-peak/requirements.lock"
    file.chmod(0o644)
    plain = content.content_hash(repository, "z-peak")
    file.chmod(0o600)
    assert content.content_hash(repository, "z-peak") == plain
    file.chmod(0o755)
    assert content.content_hash(repository, "z-peak") != plain


def test_a_renamed_file_changes_the_hash(repository: Path) -> None:
    before = content.content_hash(repository, "z-peak")
    file = repository / "images/z-peak/requirements.lock"
    file.rename(file.with_name("requirements.txt"))
    assert content.content_hash(repository, "z-peak") != before


def test_another_architecture_has_another_hash(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content.content_hash(repository, "pause")
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert content.content_hash(repository, "pause") != before


def test_the_order_of_files_on_disk_does_not_matter(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content.content_hash(repository, "z-peak")
    found = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda self, p: reversed(list(found(self, p))))
    assert content.content_hash(repository, "z-peak") == before


def test_an_unknown_image_is_refused_with_those_there_are(repository: Path) -> None:
    with pytest.raises(ImageError, match=r"no image called 'z-peek'.*the images are pause, z-peak"):
        content.content_hash(repository, "z-peek")


def test_an_archive_s_name_and_its_reference_belong_together() -> None:
    image = "ssl.local/fitting-service:0123456789abcdef"
    archive = content.archive_path(Path("/cache"), image)
    assert archive == Path("/cache/images/fitting-service-0123456789abcdef.tar")
    assert content.archive_reference(archive) == image


def on_z_peak(repository: Path) -> None:
    """Add an image that is built on another one of the repository's."""
    folder = repository / "images/notebook"
    folder.mkdir()
    (folder / "Containerfile").write_text("ARG Z_PEAK\nFROM ${Z_PEAK}\n")


def test_an_image_that_is_built_on_another_one_changes_with_it(repository: Path) -> None:
    on_z_peak(repository)
    assert content.built_on(repository, "notebook") == "z-peak"
    assert content.built_on(repository, "z-peak") is None
    assert content.uses_base(repository, "notebook"), "by way of the other one"
    before = content.content_hash(repository, "notebook")
    (repository / "images/z-peak/requirements.lock").write_text("seven\n")
    assert content.content_hash(repository, "notebook") != before
