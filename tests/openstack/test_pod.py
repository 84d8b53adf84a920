from __future__ import annotations

from pathlib import Path

import pytest

from sslab.images import base, content
from tests.clusters import ROOT
from tests.openstack.cloud import Cloud
from tests.openstack.pod import manifest

LISTED = "/etc/apt/sources.list.d/debian.sources:1|bookworm\n"


def test_a_laboratory_builds_no_image_of_the_tests() -> None:
    assert "openstack" not in content.image_names(ROOT)
    assert content.image_folder(ROOT, "openstack") == ROOT / "tests/images/openstack"
    assert "bin/provision" in content.context_files(ROOT, "openstack")


def test_only_an_image_with_packages_gets_the_machines_sources() -> None:
    assert content.uses_apt(ROOT, "openstack")
    assert not content.uses_apt(ROOT, "traefik")


def test_the_machines_sources_are_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_output", lambda *words: LISTED if "indextargets" in words else "")
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"VERSION_CODENAME": "bookworm"})
    sources = "/etc/apt/sources.list.d/debian.sources"
    assert base.apt_volumes(tmp_path) == [
        f"{tmp_path}/apt.conf:/etc/apt/apt.conf:ro",
        f"{sources}:{sources}:ro",
    ]
    assert (tmp_path / "apt.conf").stat().st_mode & 0o777 == 0o600


def test_no_container_is_root_and_each_service_has_its_usual_port() -> None:
    pod = manifest("image", admin_password="a", user="b", password="c")["items"][-1]["spec"]
    containers = pod["initContainers"] + pod["containers"]
    assert all(one["securityContext"]["runAsNonRoot"] for one in containers)
    ports = {port["hostPort"] for one in pod["containers"] for port in one.get("ports", ())}
    assert ports == {5000, 8774, 8778, 8786, 9292, 9511, 9696}


def test_passwords_are_in_the_secret_alone() -> None:
    _, secret, pod = manifest("image", admin_password="first", user="b", password="second")["items"]
    assert {"first", "second"} <= set(secret["stringData"].values())
    assert "first" not in str(pod)
    assert "second" not in str(pod)


def test_a_cloud_s_words_do_not_have_its_passwords() -> None:
    cloud = Cloud("10.89.1.2", "laboratory", "secret-of-the-user", "secret-of-the-administrator")
    assert "secret" not in repr(cloud)
    assert cloud.auth_url == "http://10.89.1.2:5000/v3"
