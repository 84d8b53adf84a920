"""An OpenID Connect provider inside a cluster, at one address for pods and for the test."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from sslab.cluster.spec import ClusterSpec
from sslab.images import build, load
from sslab.images.content import archive_reference
from sslab.paths import cache_dir
from sslab.progress import Progress
from tests.e2e.conftest import ROOT, Lab

IMAGE = "oidc-provider"
PORT, NODE_PORT = 9400, 30940


def address(lab: Lab) -> str:
    """Return the issuer: a port of the cluster's node."""
    return f"http://{_cluster(lab).address}:{NODE_PORT}"


def run(lab: Lab) -> str:
    """Run the provider, and return the reference of its image."""
    archives = build.ensure([IMAGE], repository=ROOT, cache=cache_dir(), progress=Progress())
    load.load(archives, address=_cluster(lab).containerd_socket)
    image = archive_reference(archives[IMAGE])
    labels = {"app": IMAGE}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": IMAGE, "namespace": "default", "labels": labels},
        "spec": {
            "containers": [{"name": IMAGE, "image": image, "args": ["--require-registration"]}]
        },
    }
    port = {"port": PORT, "nodePort": NODE_PORT}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": IMAGE, "namespace": "default"},
        "spec": {"type": "NodePort", "selector": labels, "ports": [port]},
    }
    objects = {"apiVersion": "v1", "kind": "List", "items": [pod, service]}
    lab.kubectl("apply", "-f", "-", stdin=json.dumps(objects))
    _wait(f"{address(lab)}/.well-known/openid-configuration")
    return image


def register(lab: Lab, redirect_url: str) -> tuple[str, str]:
    """Register a client as a site does, and return its id and its secret."""
    answer = httpx.post(
        f"{address(lab)}/oauth2/clients",
        json={"redirect_uris": [redirect_url]},
        trust_env=False,
    )
    client = answer.raise_for_status().json()
    return client["client_id"], client["client_secret"]


def give(lab: Lab, user: str, **claims: Any) -> None:
    """Say what the provider tells of a user."""
    answer = httpx.put(f"{address(lab)}/users/{user}", json=claims, trust_env=False)
    answer.raise_for_status()


def _cluster(lab: Lab) -> ClusterSpec:
    index = json.loads((lab.home / "cluster.json").read_text())["index"]
    return ClusterSpec("local", index, lab.home)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(url, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
