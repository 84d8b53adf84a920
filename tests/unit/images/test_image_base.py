from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sslab.images import base
from sslab.images.build import ensure
from sslab.images.errors import ImageError
from sslab.progress import Progress
from tests.unit.images.fake_buildah import Fake, put

LISTED = """\
/etc/apt/sources.list.d/debian.sources:1|bookworm
/etc/apt/sources.list.d/debian.sources:1|bookworm-updates
/etc/apt/sources.list:7|bookworm-security
/etc/apt/sources.list.d/vendor.list:1|nodistro
"""

DUMPED = """\
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::CaInfo "/etc/ssl/campus.pem";
Acquire::Check-Valid-Until "false";
DPkg::Post-Invoke:: "rm -f /something";
Dir::Cache::pkgcache "";
"""


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(base, "_output", lambda *_: text)


def test_sources_are_those_of_the_machines_own_release(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, LISTED)
    assert base.apt_sources("bookworm") == [
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d/debian.sources",
    ]


def test_without_sources_the_message_has_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, LISTED)
    with pytest.raises(ImageError, match=r"no package source for trixie; run apt-get update"):
        base.apt_sources("trixie")


def test_apts_network_settings_are_kept_and_its_hooks_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer(monkeypatch, DUMPED)
    options = base.apt_options()
    assert options.splitlines()[:3] == DUMPED.splitlines()[:3]
    assert "Invoke" not in options
    assert "pkgcache" not in options


def test_a_missing_mmdebstrap_is_told_with_the_package(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (buildah.folder / "has-base").unlink()
    found = shutil.which
    monkeypatch.setattr("shutil.which", lambda name: None if name == "mmdebstrap" else found(name))
    with pytest.raises(ImageError, match=r"mmdebstrap is missing: no image registry answers"):
        ensure(["z-peak"], repository=repository, cache=cache, progress=progress)


def test_without_a_registry_the_base_is_made_by_mmdebstrap(
    repository: Path,
    cache: Path,
    buildah: Fake,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (buildah.folder / "has-base").unlink()
    bin_ = buildah.folder / "bin"
    for name in ("mmdebstrap", "apt-get"):
        program = put(bin_ / name, f'#!/bin/sh\necho "$@" > {buildah.folder}/{name}-call\n')
        program.chmod(0o755)
    put(
        repository / "images/base/base.toml",
        'upstream = "example/python:3"\npackages = ["python3"]\nexclude = ["/usr/share/man/*"]\n'
        'include = []\nremove = ["etc/hosts"]\n',
    )
    monkeypatch.setattr(base, "apt_sources", lambda codename: ["/etc/apt/sources.list"])
    ensure(["z-peak"], repository=repository, cache=cache, progress=progress)
    call = (buildah.folder / "mmdebstrap-call").read_text()
    assert "--include=python3" in call
    assert "--dpkgopt=path-exclude=/usr/share/man/*" in call
    assert call.rstrip().endswith("/base.tar /etc/apt/sources.list")
    assert len(buildah.calls("build")) == 2
