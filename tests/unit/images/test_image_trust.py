from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from sslab.images import trust
from tests.unit.images.fake_buildah import put


def options(environment: dict[str, str]) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read_string(trust.pip_configuration(environment))
    return dict(parser["global"])


@pytest.fixture(autouse=True)
def no_system_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "PIP_CONFIGURATION", str(tmp_path / "none"))


def test_a_machine_without_settings_gives_the_bundle_alone() -> None:
    assert options({}) == {"cert": trust.CERTIFICATES, "disable-pip-version-check": "true"}


def test_variables_win_over_files(tmp_path: Path) -> None:
    put(
        tmp_path / ".config/pip/pip.conf",
        "[global]\nindex-url = https://a.example/%(x)s\ntimeout = 7\n"
        "[install]\nextra-index-url = https://b.example/\n    https://c.example/\n",
    )
    found = options({"HOME": str(tmp_path), "PIP_TIMEOUT": "99"})
    assert found["index-url"] == "https://a.example/%(x)s"
    assert found["timeout"] == "99"
    assert found["extra-index-url"].split() == ["https://b.example/", "https://c.example/"]


def test_paths_of_this_machine_are_not_handed_on() -> None:
    found = options({"PIP_CERT": "/home/me/ca.pem", "PIP_FIND_LINKS": "/wheels"})
    assert found["cert"] == trust.CERTIFICATES
    assert "find-links" not in found


def test_the_bundle_is_the_first_named_that_exists(tmp_path: Path) -> None:
    bundle = put(tmp_path / "ca.pem", "certificates")
    environment = {"PIP_CERT": str(tmp_path / "gone"), "SSL_CERT_FILE": str(bundle)}
    assert trust.certificate_bundle(environment) == bundle


def test_a_machine_without_a_bundle_mounts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_BUNDLE_FILES", ())
    assert trust.certificate_bundle({}) is None


def test_npm_finds_the_machines_registry_and_nothing_else_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text(
        "registry = https://npm.example.edu/\n//npm.example.edu/:_authToken=hidden\n"
        "prefix=/home/somebody\naudit=false\n"
    )
    found = trust.npm_configuration({"HOME": str(tmp_path)}).splitlines()
    assert f"cafile={trust.CERTIFICATES}" in found
    assert "registry=https://npm.example.edu/" in found
    assert "//npm.example.edu/:_authToken=hidden" in found
    assert not [line for line in found if line.startswith(("prefix", "audit"))]
    other = {"HOME": str(tmp_path), "npm_config_registry": "https://other.example.edu/"}
    assert "registry=https://other.example.edu/" in trust.npm_configuration(other).splitlines()


def test_what_npm_is_told_is_for_root_alone(tmp_path: Path) -> None:
    (volume,) = trust.npm_volumes(tmp_path)
    file, inside, mode = volume.split(":")
    assert (inside, mode) == ("/root/.npmrc", "ro")
    assert Path(file).stat().st_mode & 0o077 == 0
