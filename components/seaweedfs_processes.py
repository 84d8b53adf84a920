"""How the two processes of SeaweedFS are run: the store and the S3 gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pulumi_kubernetes.core.v1 import ContainerArgs, VolumeMountArgs

from components import workloads
from components.workloads import HouseRules
from sslab.catalogue.quantity import parse_quantity
from sslab.catalogue.secrets import ADMIN

STORE, GATEWAY = "store", "gateway"
PORT = 8333
STORE_METRICS, GATEWAY_METRICS = 9326, 9327
DATA, CONFIGURATION = "/data", "/etc/seaweedfs"

# The gateway also listens for gRPC, at a port of its own beside S3, and takes new identities there
# from anybody. Certificates that do not exist close it: no handshake succeeds.
SECURITY = """\
[grpc]
ca = "/none/ca.pem"
[grpc.s3]
cert = "/none/tls.pem"
key = "/none/tls-key.pem"
"""
"""The file `security.toml` in the folder `CONFIGURATION`."""

_DATA = VolumeMountArgs(name="data", mount_path=DATA)
_CONFIGURATION = VolumeMountArgs(name="configuration", mount_path=CONFIGURATION, read_only=True)


def identities(keys: Mapping[str, tuple[str, str]]) -> str:
    """Return the file `s3.json`: who may do what.

    `keys` maps `admin`, who may do everything, and each bucket, whose identity may use that bucket
    alone, to an access key and a secret key.
    """
    return json.dumps(
        {
            "identities": [
                {
                    "name": name,
                    "credentials": [{"accessKey": access, "secretKey": secret}],
                    "actions": _actions(name),
                }
                for name, (access, secret) in keys.items()
            ]
        },
        indent=1,
    )


def _actions(identity: str) -> list[str]:
    actions = ["Read", "Write", "List", "Tagging"]
    if identity == ADMIN:
        return ["Admin", *actions]
    return [f"{action}:{identity}" for action in actions]


def store(house: HouseRules, image: str, capacity: str, buckets: tuple[str, ...]) -> ContainerArgs:
    """Return the process that keeps the objects and makes the buckets that are missing.

    Its master, filer and volume server ask nobody who they are, so they listen inside the pod only.
    """
    size, count = volume_layout(capacity, len(buckets))
    return workloads.container(
        STORE,
        image,
        workloads.resources(house, "50m", "384Mi", cpu_limit="2"),
        args=[
            "-logtostderr=true",
            "mini",
            f"-dir={DATA}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-bucket={','.join(buckets)}",
            f"-s3.config={CONFIGURATION}/s3.json",
            f"-s3.port={PORT + 1}",  # `mini` has a gateway of its own, which nobody uses
            "-s3.iam=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-admin.ui=false",
            "-webdav=false",
            "-master.telemetry=false",
            "-master.electionTimeout=1s",  # 10 s by default, waited for at every restart
            f"-master.volumeSizeLimitMB={size}",
            f"-volume.max={count}",
            "-metricsIp=0.0.0.0",
            f"-metricsPort={STORE_METRICS}",
        ],
        env=workloads.literal(
            {
                "GOMEMLIMIT": "300MiB",
                # a bucket grows by two volumes at a time, not by seven
                "WEED_MASTER_VOLUME_GROWTH_COPY_1": "2",
            }
        ),
        ports={"metrics": STORE_METRICS},
        mounts=[_DATA, _CONFIGURATION],
        liveness=workloads.probe("/metrics", STORE_METRICS, period_s=20, failures=6),
    )


def gateway(house: HouseRules, image: str) -> ContainerArgs:
    """Return the S3 gateway: the one process that others reach, and that asks for credentials."""
    return workloads.container(
        GATEWAY,
        image,
        workloads.resources(house, "50m", "512Mi", cpu_limit="2"),
        args=[
            "-logtostderr=true",
            "s3",
            "-filer=127.0.0.1:8888",
            "-ip.bind=0.0.0.0",
            f"-port={PORT}",
            f"-config={CONFIGURATION}/s3.json",
            "-iam=false",
            "-port.iceberg=0",
            "-port.lance=0",
            "-autoCreateBucket=false",
            # without these bounds, four uploads of 100 MB at once took 540 MB
            "-concurrentUploadLimitMB=64",
            "-readerCacheSizeMB=64",
            f"-metricsPort={GATEWAY_METRICS}",
        ],
        env=workloads.literal({"GOMEMLIMIT": "400MiB"}),
        ports={"s3": PORT, "s3-metrics": GATEWAY_METRICS},
        mounts=[_CONFIGURATION],
        # twice: new buckets are there a third of a second after the gateway's first answer
        readiness=workloads.probe("/healthz", PORT, period_s=1, failures=60, successes=2),
        liveness=workloads.probe("/healthz", PORT, period_s=20, failures=6),
    )


def volume_layout(capacity: str, buckets: int) -> tuple[int, int]:
    """Return the size in MiB and the number of SeaweedFS' volumes that make up a capacity.

    About a hundred volumes, none smaller than 32 MiB (an object is stored in parts of 4 MiB) or
    larger than the 30000 MiB that SeaweedFS can address, and at least two for every bucket.
    """
    total = int(parse_quantity(capacity) / 1024**2)
    size = min(max(total // 100, 32), 30_000)
    return size, max(total // size, 2 * buckets, 1)
