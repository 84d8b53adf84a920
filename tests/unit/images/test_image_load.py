from __future__ import annotations

from pathlib import Path

import pytest

from sslab.images import load
from sslab.images.errors import ImageError
from tests.unit.images.fake_buildah import put

LISTED = """\
REF                               TYPE                                       DIGEST        SIZE      PLATFORMS   LABELS
ssl.local/pause:0123456789abcdef  application/vnd.oci.image.manifest.v1+json sha256:aaaa   660.1 KiB linux/amd64 io.cri-containerd.image=managed
sha256:bbbb                       application/vnd.oci.image.manifest.v1+json sha256:aaaa   660.1 KiB linux/amd64 -
"""  # noqa: E501
SOCKET = Path("/run/c.sock")


@pytest.fixture
def ctr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `ctr` first on PATH that lists one image and records imports; return its folder."""
    put(tmp_path / "listed", LISTED)
    script = f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
[ ! -e {tmp_path}/says ] || {{ cat {tmp_path}/says >&2; exit 1; }}
case "$6" in list) cat {tmp_path}/listed ;; esac
"""
    put(tmp_path / "bin/ctr", script).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return tmp_path


def test_digests_are_read_from_the_table(ctr: Path) -> None:
    assert load.digests(SOCKET)["ssl.local/pause:0123456789abcdef"] == "sha256:aaaa"
    assert load.loaded(SOCKET) == {"ssl.local/pause:0123456789abcdef", "sha256:bbbb"}


def test_only_what_is_missing_is_imported(ctr: Path) -> None:
    archives = {
        "pause": Path("/cache/images/pause-0123456789abcdef.tar"),
        "z-peak": Path("/cache/images/z-peak-fedcba9876543210.tar"),
    }
    assert load.load(archives, address=SOCKET) == ["ssl.local/z-peak:fedcba9876543210"]
    imports = [line for line in (ctr / "calls").read_text().splitlines() if "import" in line]
    assert imports == [
        "--address /run/c.sock --namespace k8s.io images import "
        "/cache/images/z-peak-fedcba9876543210.tar"
    ]


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("connection refused", r"containerd at /run/c.sock refused .*\(sslab cluster status\)"),
        ("write x: no space left on device", r"images is full; free some space"),
    ],
)
def test_what_containerd_says_is_told(ctr: Path, says: str, message: str) -> None:
    put(ctr / "says", says)
    with pytest.raises(ImageError, match=message):
        load.loaded(SOCKET)


def test_a_missing_ctr_is_told_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ImageError, match=r"ctr is missing: .*; apt-get install containerd"):
        load.loaded(SOCKET)
