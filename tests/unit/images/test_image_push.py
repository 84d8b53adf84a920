"""Pushing to a registry, with a skopeo that says what the real one says to real registries."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sslab.images.errors import ImageError
from sslab.images.push import Registry
from sslab.progress import Progress
from tests.unit.images.fake_buildah import put

REGISTRY = Registry("registry.example.edu:5000/ssl", "sites/x.yaml: registry.images")
FAKE = """\
#!/bin/sh
echo "$@" >> "{folder}/calls"
case "$1" in
  inspect) says=inspect ;;
  login) says=login ;;
  *) says=copy ;;
esac
[ ! -e "{folder}/$says" ] || {{ cat "{folder}/$says" >&2; exit 1; }}
"""
UNKNOWN = "reading manifest 1 in registry.example.edu:5000/ssl/web: manifest unknown"
UNAUTHORIZED = (
    "reading manifest 1 in registry.example.edu:5000/ssl/web: unauthorized: authentication required"
)
REFUSED_BY_CA = (
    'pinging container registry registry.example.edu:5000: Get \\"https://registry.example.edu:5000'
    '/v2/\\": x509: certificate signed by unknown authority'
)


@pytest.fixture
def skopeo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the fake on PATH: a file called like what it is asked makes it fail with its text."""
    folder = tmp_path / "fake"
    program = put(folder / "bin/skopeo", FAKE.format(folder=folder))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return folder


def fails(skopeo: Path, what: str, message: str) -> None:
    line = f'time="2026-11-25T05:23:09Z" level=fatal msg="{message}"\n'
    put(skopeo / what, "Getting image source signatures\n" + line)


def lacking() -> list[str]:
    return REGISTRY.lacking({"web": f"{REGISTRY.path}/web:1"})


def push(progress: Progress, *names: str) -> None:
    REGISTRY.push({name: Path(f"/cache/{name}-0123abcd.tar") for name in names}, progress)


def calls(skopeo: Path) -> list[str]:
    return (skopeo / "calls").read_text().splitlines()


def test_what_the_registry_has_is_not_pushed(skopeo: Path) -> None:
    assert lacking() == []
    assert calls(skopeo) == ["inspect --raw docker://registry.example.edu:5000/ssl/web:1"]
    fails(skopeo, "inspect", UNKNOWN)
    assert lacking() == ["web"]


def test_an_archive_gets_the_name_that_pods_ask_for(
    skopeo: Path, progress: Progress, said: io.StringIO
) -> None:
    push(progress, "web", "fitting-service")
    copied = "--insecure-policy copy oci-archive:/cache/fitting-service-0123abcd.tar"
    to = "docker://registry.example.edu:5000/ssl/fitting-service:0123abcd"
    assert calls(skopeo)[1] == f"{copied} {to}"
    assert "pushing image fitting-service (2 of 2)" in said.getvalue()


def test_a_registry_that_is_not_reached_is_told_with_the_field_and_the_remedy(skopeo: Path) -> None:
    fails(skopeo, "inspect", REFUSED_BY_CA)
    with pytest.raises(ImageError) as caught:
        lacking()
    assert str(caught.value) == (
        "sites/x.yaml: registry.images: registry.example.edu:5000/ssl: cannot be reached by https: "
        "pinging container registry registry.example.edu:5000: Get "
        '"https://registry.example.edu:5000/v2/": x509: certificate signed by unknown authority; '
        "see that the address is right and answers from this machine; the certificate of an "
        "authority of its own goes into /etc/containers/certs.d/registry.example.edu:5000/ca.crt"
    )


def test_missing_credentials_are_told_before_anything_is_built(skopeo: Path) -> None:
    fails(skopeo, "inspect", UNAUTHORIZED)
    fails(skopeo, "login", "not logged into registry.example.edu:5000/ssl")
    with pytest.raises(ImageError) as caught:
        lacking()
    assert str(caught.value) == (
        "sites/x.yaml: registry.images: registry.example.edu:5000/ssl: looking for images: the "
        f"registry asks for credentials, and there are none: {UNAUTHORIZED}; log in with an "
        "account that may push there: `skopeo login registry.example.edu:5000`, or name a file "
        "with credentials in REGISTRY_AUTH_FILE"
    )


def test_a_registry_that_hides_what_it_lacks_is_asked_by_pushing(skopeo: Path) -> None:
    fails(skopeo, "inspect", UNAUTHORIZED)
    assert lacking() == ["web"]


@pytest.mark.parametrize(
    "refusal",
    [
        "unable to retrieve auth token: invalid username/password: unauthorized: incorrect login",
        "writing blob: requested access to the resource is denied",
    ],
)
def test_refused_credentials_are_told(skopeo: Path, progress: Progress, refusal: str) -> None:
    fails(skopeo, "copy", refusal)
    with pytest.raises(ImageError) as caught:
        push(progress, "web")
    assert "pushing web: the registry refuses the credentials that this machine has" in str(
        caught.value
    )
    assert refusal in str(caught.value)


def test_anything_else_is_told_in_the_registrys_own_words(skopeo: Path, progress: Progress) -> None:
    fails(skopeo, "copy", "writing blob: received unexpected HTTP status: 507 Insufficient Storage")
    with pytest.raises(ImageError, match=r"pushing web failed: writing blob: .* 507 .*; mend the"):
        push(progress, "web")
