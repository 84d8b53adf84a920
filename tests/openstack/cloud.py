"""Starting the cloud on an embedded cluster, and how it is reached."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import yaml

from sslab.cluster.spec import ClusterSpec
from sslab.images import build, content, load
from sslab.paths import cache_dir
from sslab.progress import Progress
from tests.clusters import ROOT, kubectl
from tests.openstack.pod import NAME, NAMESPACE, manifest

READY_S = 900
"""A minute on an idle machine; on one that does much else, several."""

REGION = "RegionOne"
PROJECT = "laboratory"


@dataclass(frozen=True)
class Cloud:
    """A cloud that answers, and an account there: a project and its only user of that name."""

    address: str
    project: str
    password: str = field(repr=False)
    admin_password: str = field(repr=False)

    @property
    def auth_url(self) -> str:
        """Where keystone answers; its catalogue has the other services."""
        return f"http://{self.address}:5000/v3"

    @property
    def environment(self) -> dict[str, str]:
        """The account as OpenStack's usual variables."""
        return {
            "OS_AUTH_URL": self.auth_url,
            "OS_USERNAME": self.project,
            "OS_PASSWORD": self.password,
            "OS_PROJECT_NAME": self.project,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": REGION,
            "OS_IDENTITY_API_VERSION": "3",
        }

    def clouds_yaml(self, name: str) -> str:
        """Return a clouds.yaml whose entry `name` is the account."""
        entry = {
            "auth": {
                "auth_url": self.auth_url,
                "username": self.project,
                "password": self.password,
                "project_name": self.project,
                "user_domain_name": "Default",
                "project_domain_name": "Default",
            },
            "region_name": REGION,
            "identity_api_version": 3,
        }
        return yaml.safe_dump({"clouds": {name: entry}}, sort_keys=False)


@contextmanager
def openstack(spec: ClusterSpec) -> Iterator[Cloud]:
    """Run a new cloud on an embedded cluster while the block runs.

    The image is built where the cache lacks it. Raises AssertionError with the end of the
    containers' logs where the cloud is not ready in time.
    """
    archives = build.ensure(["openstack"], repository=ROOT, cache=cache_dir(), progress=Progress())
    load.load(archives, address=spec.containerd_socket)
    cloud = Cloud(spec.address, PROJECT, secrets.token_hex(16), secrets.token_hex(16))
    image = content.archive_reference(archives["openstack"])
    objects = manifest(
        image, admin_password=cloud.admin_password, user=cloud.project, password=cloud.password
    )
    try:
        _kubectl(spec, "apply", "-f", "-", stdin=json.dumps(objects))
        ready = ("wait", f"pod/{NAME}", "--for=condition=Ready", f"--timeout={READY_S}s")
        try:
            _kubectl(spec, *ready)
        except AssertionError as error:
            logs = ("logs", NAME, "--all-containers", "--ignore-errors", "--prefix", "--tail=5")
            raise AssertionError(f"{error}\n{_kubectl(spec, *logs)}") from error
        yield cloud
    finally:
        _kubectl(spec, "delete", "namespace", NAMESPACE, "--ignore-not-found")


def _kubectl(spec: ClusterSpec, *words: str, stdin: str | None = None) -> str:
    """Run kubectl in the cloud's namespace; return what it prints."""
    within = f"--namespace={NAMESPACE}"
    return kubectl(spec.kubeconfig, within, *words, stdin=stdin, timeout_s=READY_S + 60)
