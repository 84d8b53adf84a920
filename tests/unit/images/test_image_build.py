from __future__ import annotations

import errno
import io
import os
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from sslab.images import build
from sslab.images.content import reference
from sslab.images.errors import ImageError
from sslab.progress import Progress
from tests.unit.images.fake_buildah import Fake, put


def ensure(repository: Path, cache: Path, progress: Progress, *names: str) -> dict[str, Path]:
    extra = {"pause": {"pause": put(repository.parent / "built", "binary")}}
    return build.ensure(
        names, repository=repository, cache=cache, progress=progress, extra_files=extra
    )


def test_archives_are_built_once(
    repository: Path, cache: Path, buildah: Fake, progress: Progress, said: io.StringIO
) -> None:
    archives = ensure(repository, cache, progress, "z-peak", "pause")
    assert [archive.read_text() for archive in archives.values()] == ["whole\n", "whole\n"]
    assert list(archives) == ["z-peak", "pause"]
    assert "building image z-peak (1 of 2)" in said.getvalue()
    assert "building image pause (2 of 2)" in said.getvalue()
    calls = len(buildah.calls("build"))
    assert ensure(repository, cache, progress, "z-peak", "pause") == archives
    assert len(buildah.calls("build")) == calls == 2


def test_nothing_to_build_needs_neither_root_nor_buildah(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archives = ensure(repository, cache, progress, "pause")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert ensure(repository, cache, progress, "pause") == archives


def test_only_what_changed_is_built_again(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    old = ensure(repository, cache, progress, "z-peak", "pause")
    put(repository / "patterns/z_peak/workload/z_peak/fit.py", "changed\n")
    new = ensure(repository, cache, progress, "z-peak", "pause")
    assert new["pause"] == old["pause"]
    assert new["z-peak"] != old["z-peak"]
    assert len(buildah.calls("build")) == 3


def test_the_context_has_extra_files_and_the_base_is_named(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    ensure(repository, cache, progress, "pause")
    assert buildah.context() == ["./Containerfile", "./pause"]
    assert "BASE=" not in buildah.calls("build")[0]
    ensure(repository, cache, progress, "z-peak")
    assert "./workload/z_peak/fit.py" in buildah.context()
    assert f"BASE={reference(repository, 'base')}" in buildah.calls("build")[1]


def test_staged_files_are_readable_by_all_and_of_one_time(tmp_path: Path) -> None:
    private = put(tmp_path / "private", "text")
    private.chmod(0o600)
    script = put(tmp_path / "script", "#!/bin/sh")
    script.chmod(0o700)
    build.stage(tmp_path / "context", {"a/private": private, "script": script})
    staged = {"a/private": 0o644, "script": 0o755}
    for path, mode in staged.items():
        status = (tmp_path / "context" / path).stat()
        assert status.st_mode & 0o777 == mode
        assert status.st_mtime == build.EPOCH_S


def test_a_base_from_a_registry_is_kept_under_our_name(
    repository: Path, cache: Path, buildah: Fake, progress: Progress, said: io.StringIO
) -> None:
    (buildah.folder / "has-base").unlink()
    buildah.set("registry")
    ensure(repository, cache, progress, "z-peak", "pause")
    assert "making the image base (1 of 3)" in said.getvalue()
    assert buildah.calls("tag") == [f"tag example/python:3 {reference(repository, 'base')}"]


def test_a_failed_build_tells_the_end_of_its_log_and_leaves_no_archive(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    buildah.set("build-says", "".join(f"line {n}\n" for n in range(50)) + "no such package\n")
    with pytest.raises(ImageError) as caught:
        ensure(repository, cache, progress, "z-peak")
    message = str(caught.value)
    assert "building ssl.local/z-peak:" in message
    assert "no such package" in message
    assert "line 49" in message
    assert "line 20\n" not in message
    log = next((cache / "images/builder/logs").iterdir())
    assert str(log) in message
    assert "line 20\n" in log.read_text()
    assert not list((cache / "images").glob("*.tar"))
    (buildah.folder / "build-says").unlink()
    assert ensure(repository, cache, progress, "z-peak")["z-peak"].exists()
    assert not log.exists()


def test_a_password_in_the_output_is_not_told(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    buildah.set("build-says", "cannot reach https://me:s3cr3t@mirror.example/simple\n")
    with pytest.raises(ImageError) as caught:
        ensure(repository, cache, progress, "z-peak")
    assert "https://***@mirror.example" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_full_disk_in_the_build_is_told_as_such(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    buildah.set("build-says", "write /var/x: no space left on device\n")
    with pytest.raises(ImageError, match=r"disk that holds .* is full; free some space"):
        ensure(repository, cache, progress, "z-peak")


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "is full; free some space"), (errno.EACCES, "Permission denied; make the")],
)
def test_an_error_of_our_own_copying_is_told(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    message: str,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number), "file")

    monkeypatch.setattr("shutil.copyfile", refuse)
    with pytest.raises(ImageError, match=message):
        ensure(repository, cache, progress, "pause")


def test_a_missing_buildah_is_told_with_the_package(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ImageError, match=r"buildah is missing: .*; apt-get install buildah"):
        ensure(repository, cache, progress, "pause")


def test_without_root_nothing_is_built(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ImageError, match="built by root alone; run the command with sudo"):
        ensure(repository, cache, progress, "pause")
    assert not cache.exists()


def test_what_an_interrupted_run_left_is_removed_first(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    half = put(cache / "images/builder/tmp/pause-0123456789abcdef.tar", "ha")
    ensure(repository, cache, progress, "pause")
    assert not half.exists()
    assert buildah.calls("rm") == ["rm --all"]


def test_a_second_run_waits_and_then_finds_everything_built(
    repository: Path, cache: Path, buildah: Fake, progress: Progress, said: io.StringIO
) -> None:
    cache.joinpath("images").mkdir(parents=True)
    with FileLock(cache / "images/.lock"):
        second = threading.Thread(target=ensure, args=(repository, cache, progress, "pause"))
        second.start()
        deadline = time.monotonic() + 10
        while "waiting for another run" not in said.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        tag = reference(repository, "pause").split(":")[1]
        put(cache / f"images/pause-{tag}.tar", "of the first run")
    second.join(timeout=10)
    assert "waiting for another run" in said.getvalue()
    assert buildah.calls("build") == []


def test_the_image_that_another_one_is_built_on_comes_first_and_has_no_archive(
    repository: Path, cache: Path, buildah: Fake, progress: Progress
) -> None:
    put(repository / "images/notebook/Containerfile", "ARG Z_PEAK\nFROM ${Z_PEAK}\n")
    (buildah.folder / "has-base").unlink()
    buildah.set("registry")
    archives = ensure(repository, cache, progress, "notebook")
    below, above = buildah.calls("build")
    assert f"--build-arg BASE={reference(repository, 'base')}" in below
    assert f"--build-arg Z_PEAK={reference(repository, 'z-peak')}" in above
    assert "BASE=" not in above
    assert len(buildah.calls("push")) == len(archives) == 1
