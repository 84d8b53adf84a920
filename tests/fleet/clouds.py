"""What a cloud does for its clusters while they run: addresses, certificates, object storage."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sslab.images import content
from tests.certificates import Authority
from tests.clusters import ROOT, apply, kubectl, listed

ROUND_S = 1.0


@contextmanager
def _repeated(work: Callable[[], None]) -> Iterator[None]:
    """Do the work each second while the block runs, as a controller does."""
    ended = threading.Event()

    def loop() -> None:
        while not ended.wait(ROUND_S):
            try:
                work()
            except AssertionError:
                continue  # the API server is busy: another round

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def balancer(kubeconfig: Path) -> Iterator[None]:
    """Give Services of type LoadBalancer the address that they ask for, as a cloud's controller."""

    def give() -> None:
        for service in listed(kubeconfig, "services", "--all-namespaces"):
            wanted = service["spec"].get("loadBalancerIP")
            if wanted and not service["status"]["loadBalancer"]:
                status = {"status": {"loadBalancer": {"ingress": [{"ip": wanted}]}}}
                metadata = service["metadata"]
                kubectl(
                    kubeconfig,
                    *("patch", "service", metadata["name"], f"--namespace={metadata['namespace']}"),
                    *("--subresource=status", "--type=merge", f"--patch={json.dumps(status)}"),
                )

    with _repeated(give):
        yield


@contextmanager
def issuer(kubeconfig: Path, folder: Path) -> Iterator[Path]:
    """Put a certificate into the Secret that each Ingress names, as cert-manager does.

    Yields the file with the certificate of the authority.
    """
    authority = Authority(folder)

    def issue() -> None:
        there = {
            (secret["metadata"]["namespace"], secret["metadata"]["name"])
            for secret in listed(kubeconfig, "secrets", "--all-namespaces")
        }
        for ingress in listed(kubeconfig, "ingresses", "--all-namespaces"):
            namespace = ingress["metadata"]["namespace"]
            if "cert-manager.io/cluster-issuer" not in ingress["metadata"].get("annotations", {}):
                continue
            for tls in ingress["spec"]["tls"]:
                if (namespace, tls["secretName"]) not in there:
                    secret = _secret(authority, namespace, tls["secretName"], tls["hosts"])
                    apply(kubeconfig, secret)

    with _repeated(issue):
        yield authority.certificate


def _secret(authority: Authority, namespace: str, name: str, hosts: list[str]) -> dict[str, Any]:
    """Return a Secret with a certificate for hosts."""
    pair = authority.sign(name, *(f"DNS:{host}" for host in hosts))
    files = {"tls.crt": pair.certificate, "tls.key": pair.key}
    data = {path: base64.b64encode(file.read_bytes()).decode() for path, file in files.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def object_store(kubeconfig: Path, keys: Mapping[str, tuple[str, str]], port: int) -> None:
    """Run an S3 at a port of the node, with buckets and the key pair that opens each.

    `keys` maps a bucket to its access and secret key.
    """
    name = "object-store"
    metadata = {"name": name, "namespace": name}
    identities = [
        {
            "name": bucket,
            "credentials": [{"accessKey": access, "secretKey": secret}],
            "actions": [f"{action}:{bucket}" for action in ("Read", "Write", "List")],
        }
        for bucket, (access, secret) in keys.items()
    ]
    container = {
        "name": "seaweedfs",
        "image": content.reference(ROOT, "seaweedfs"),
        "args": [
            *("mini", "-dir=/data", "-ip=127.0.0.1", "-ip.bind=0.0.0.0"),
            *(f"-bucket={','.join(keys)}", "-s3.config=/keys/s3.json", f"-s3.port={port}"),
            *("-s3.iam=false", "-admin.ui=false", "-webdav=false", "-master.telemetry=false"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-master.electionTimeout=1s"),
            *("-master.volumeSizeLimitMB=64", "-volume.max=20"),
        ],
        "ports": [{"containerPort": port, "hostPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "keys", "mountPath": "/keys"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    volumes = [
        {"name": "data", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "keys", "secret": {"secretName": name}},
    ]
    apply(
        kubeconfig,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "stringData": {"s3.json": json.dumps({"identities": identities})},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {
                "securityContext": {"fsGroup": 65532},
                "containers": [container],
                "volumes": volumes,
            },
        },
    )
    within = f"--namespace={name}"
    kubectl(kubeconfig, "wait", within, f"pod/{name}", "--for=condition=Ready", "--timeout=90s")
