"""Pushing image archives to a site's registry, with skopeo.

skopeo copies an archive as it is, so that an image has the same digest in every registry. It finds
credentials as podman, buildah and docker keep them: in the file that REGISTRY_AUTH_FILE names, in
its own, or in ~/.docker/config.json.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sslab.images.content import archive_reference
from sslab.images.errors import ImageError
from sslab.progress import Progress

REFUSED = ("unauthorized", "denied", "forbidden", "authentication required", "invalid username")
"""What registries say to whoever may not do it; there is no one word for it."""


@dataclass(frozen=True)
class Registry:
    """A registry, `path` being its host and a path in it, and the `field` that names it."""

    path: str
    field: str

    @property
    def host(self) -> str:
        """The host, with its port where one is named."""
        return self.path.partition("/")[0]

    def lacking(self, images: Mapping[str, str]) -> list[str]:
        """Return the names of those images, name to reference, that the registry has not got.

        An image that it will not tell of counts as one: whether it may be pushed is seen then.
        Raises ImageError where the registry does not answer, or asks for credentials and there are
        none.
        """
        return [name for name, image in images.items() if not self._has(image)]

    def push(self, archives: Mapping[str, Path], progress: Progress) -> None:
        """Push archives, by image name. Raises ImageError where the registry does not take one.

        What has been pushed before stays, and is not pushed again by the next run.
        """
        for number, (name, archive) in enumerate(archives.items(), start=1):
            image = archive_reference(archive, self.path)
            with progress.step(f"pushing image {name} ({number} of {len(archives)})"):
                # the policy is about the signatures of sources, and this one was made here
                told = _skopeo("--insecure-policy", "copy", f"oci-archive:{archive}", _at(image))
            if told is not None:
                raise self._failure(f"pushing {name}", told)

    def _has(self, image: str) -> bool:
        told = _skopeo("inspect", "--raw", _at(image))
        if told is None:
            return True
        if _unreachable(told) or (_refused(told) and not self._has_login()):
            raise self._failure("looking for images", told)
        return False

    def _has_login(self) -> bool:
        """Tell whether there are credentials for the registry, right or wrong ones."""
        return _skopeo("login", "--get-login", self.path) is None

    def _failure(self, what: str, told: str) -> ImageError:
        """Return the error for what skopeo told."""
        problem, remedy = f"{what} failed", "mend the cause; what is pushed stays pushed"
        if _unreachable(told):
            problem = "cannot be reached by https"
            remedy = (
                "see that the address is right and answers from this machine; the certificate of "
                f"an authority of its own goes into /etc/containers/certs.d/{self.host}/ca.crt"
            )
        elif _refused(told):
            if self._has_login():
                problem = f"{what}: the registry refuses the credentials that this machine has"
            else:
                problem = f"{what}: the registry asks for credentials, and there are none"
            remedy = (
                f"log in with an account that may push there: `skopeo login {self.host}`, or name "
                "a file with credentials in REGISTRY_AUTH_FILE"
            )
        return ImageError(f"{self.field}: {self.path}: {problem}: {told}", remedy=remedy)


def _at(image: str) -> str:
    return f"docker://{image}"


def _unreachable(told: str) -> bool:
    return "pinging container registry" in told


def _refused(told: str) -> bool:
    return any(word in told.lower() for word in REFUSED)


def _skopeo(*arguments: str) -> str | None:
    """Run skopeo; return what it tells where it fails, in one line, and None where it does not."""
    done = subprocess.run(
        ["skopeo", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return None if done.returncode == 0 else _said(done.stderr.splitlines())


def _said(lines: Iterable[str]) -> str:
    """Return the message of skopeo's last line, without the time and the level before it."""
    last = next((line for line in reversed(list(lines)) if line.strip()), "it does not say why")
    found = re.search(r'msg="((?:[^"\\]|\\.)*)"', last)
    text = re.sub(r"\\(.)", r"\1", found[1]) if found else last
    return text.strip()[:600]
