from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.seaweedfs_processes import volume_layout
from tests.components.recording import Recording, image, record_laboratory, secret_values, site

BUCKETS = ["fitting-service", "z-peak"]
S3 = {"kind": "s3", "endpoint": "https://s3.example.edu", "buckets": BUCKETS}
SWIFT = {**S3, "kind": "swift", "endpoint": "https://swift.example.edu:6780", "region": "regionOne"}
GCS = {"kind": "gcs", "buckets": BUCKETS, "prefix": "ssl-example-", "region": "auto"}


def files(recording: Recording) -> dict[str, str]:
    found: dict[str, str] = recording.one("Secret", "object-storage").props["stringData"]
    return found


def identities(recording: Recording) -> dict[str, Any]:
    listed = json.loads(files(recording)["s3.json"])["identities"]
    return {each["name"]: each for each in listed}


def flags(recording: Recording, container: str) -> dict[str, str]:
    args = recording.one("StatefulSet", "object-storage").container(container)["args"]
    return dict(each.lstrip("-").split("=", 1) for each in args if "=" in each)


def fingerprint(recording: Recording, kind: str, name: str) -> str:
    annotations = recording.one(kind, name).template["metadata"]["annotations"]
    return str(annotations["ssl/secrets"])


def test_an_identity_may_use_its_own_bucket_and_no_other(local: Recording) -> None:
    found = identities(local)
    assert list(found) == ["admin", "fitting-service", "z-peak"]
    assert found.pop("admin")["actions"] == ["Admin", "Read", "Write", "List", "Tagging"]
    for bucket, identity in found.items():
        assert {action.partition(":")[2] for action in identity["actions"]} == {bucket}


def test_everybody_has_keys_of_their_own(local: Recording) -> None:
    values = secret_values(site())
    for name, identity in identities(local).items():
        assert identity["credentials"] == [
            {
                "accessKey": values[f"s3-{name}-access-key"],
                "secretKey": values[f"s3-{name}-secret-key"],
            }
        ]


def test_a_pattern_holds_the_keys_of_its_bucket_alone(local: Recording) -> None:
    for bucket in ("fitting-service", "z-peak"):
        credentials = identities(local)[bucket]["credentials"][0]
        secret = local.one("Secret", f"{bucket}-s3", bucket)
        assert secret.props["stringData"] == {
            "access-key": credentials["accessKey"],
            "secret-key": credentials["secretKey"],
        }


def test_only_the_gateway_and_metrics_listen_beyond_the_pod(local: Recording) -> None:
    store, gateway = flags(local, "store"), flags(local, "gateway")
    assert store["ip.bind"] == store["ip"] == "127.0.0.1"
    assert gateway["filer"].startswith("127.0.0.1:")
    pod = local.one("StatefulSet", "object-storage")
    named = {
        port["name"]: port["containerPort"]
        for each in pod.pod["containers"]
        for port in each["ports"]
    }
    assert named == {
        "s3": int(gateway["port"]),
        "metrics": int(store["metricsPort"]),
        "s3-metrics": int(gateway["metricsPort"]),
    }
    # both containers share the pod's addresses
    assert store["s3.port"] not in {str(port) for port in named.values()}


def test_the_gateways_grpc_port_asks_for_certificates_that_nobody_has(local: Recording) -> None:
    security = tomllib.loads(files(local)["security.toml"])
    paths = [security["grpc"]["ca"], *security["grpc"]["s3"].values()]
    assert set(security["grpc"]["s3"]) == {"cert", "key"}
    mounted = [
        mount["mountPath"]
        for each in local.one("StatefulSet", "object-storage").pod["containers"]
        for mount in each["volumeMounts"]
    ]
    assert not [path for path in paths if path.startswith(tuple(mounted))]


def test_it_reports_to_nobody(local: Recording) -> None:
    assert flags(local, "store")["master.telemetry"] == "false"


def test_the_claim_is_the_sites(local: Recording) -> None:
    claim = local.one("PersistentVolumeClaim", "object-storage").spec
    assert "storageClassName" not in claim  # the cluster's default
    assert claim["accessModes"] == ["ReadWriteOnce"]
    assert claim["resources"]["requests"] == {"storage": "5Gi"}
    volumes = local.one("StatefulSet", "object-storage").pod["volumes"]
    names = [volume.get("persistentVolumeClaim", {}).get("claimName") for volume in volumes]
    assert "object-storage" in names


def test_the_sites_class_and_capacity_are_used() -> None:
    recording = record_laboratory(
        site(
            storage={"rwo_class": "rook-ceph-block", "capacity": "2Ti"},
            object_storage={
                "kind": "seaweedfs",
                "capacity": "1Ti",
                "buckets": ["fitting-service", "z-peak"],
            },
        )
    )
    claim = recording.one("PersistentVolumeClaim", "object-storage").spec
    assert claim["storageClassName"] == "rook-ceph-block"
    assert claim["resources"]["requests"] == {"storage": "1Ti"}


def test_patterns_start_when_the_gateway_answers(local: Recording) -> None:
    gateway = local.one("StatefulSet", "object-storage").urn
    assert gateway in local.one("Deployment", "fitting-service").depends_on
    assert gateway in next(each for each in local.of("Job") if each.name == "z-peak").depends_on


def test_new_keys_restart_those_who_hold_them_and_nobody_else(local: Recording) -> None:
    rotated = record_laboratory(secrets=secret_values(site(), s3_fitting_service_secret_key="new"))
    for kind, name in (("StatefulSet", "object-storage"), ("Deployment", "fitting-service")):
        assert fingerprint(rotated, kind, name) != fingerprint(local, kind, name)
    other = record_laboratory(secrets=secret_values(site(), s3_z_peak_secret_key="new"))
    name = "fitting-service"
    assert fingerprint(other, "Deployment", name) == fingerprint(local, "Deployment", name)


def test_a_fingerprint_does_not_tell_the_secret(local: Recording) -> None:
    short = record_laboratory(secrets=secret_values(site(), s3_fitting_service_secret_key="x"))
    found = fingerprint(short, "Deployment", "fitting-service")
    assert len(found) == 16
    assert found != fingerprint(local, "Deployment", "fitting-service")


def test_a_bucket_more_is_an_identity_more_and_a_new_pod(local: Recording) -> None:
    wider = site(
        object_storage={
            "kind": "seaweedfs",
            "capacity": "5Gi",
            "buckets": ["fitting-service", "z-peak", "third"],
        }
    )
    recording = record_laboratory(wider)
    assert flags(recording, "store")["bucket"] == "fitting-service,z-peak,third"
    assert set(identities(recording)["third"]["actions"]) == {
        f"{action}:third" for action in ("Read", "Write", "List", "Tagging")
    }
    changed = fingerprint(recording, "StatefulSet", "object-storage")
    assert changed != fingerprint(local, "StatefulSet", "object-storage")


@pytest.mark.parametrize(
    ("offered", "endpoint", "region", "bucket"),
    [
        (S3, "https://s3.example.edu", "us-east-1", "z-peak"),
        (SWIFT, "https://swift.example.edu:6780", "regionOne", "z-peak"),
        (GCS, "https://storage.googleapis.com", "auto", "ssl-example-z-peak"),
    ],
)
def test_what_the_site_has_already_is_used_and_nothing_is_run(
    offered: dict[str, Any], endpoint: str, region: str, bucket: str
) -> None:
    recording = record_laboratory(site(object_storage=offered))
    assert recording.of("StatefulSet") == recording.of("PersistentVolumeClaim") == []
    assert "ssl-object-storage" not in [each.name for each in recording.of("Namespace")]
    assert [each.name for each in recording.of("Ingress")] == ["fitting-service"]
    (job,) = recording.of("Job")
    (container,) = job.pod["containers"]
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert told["AWS_ENDPOINT_URL_S3"] == endpoint
    assert told["AWS_DEFAULT_REGION"] == region
    assert told["S3_BUCKET"] == bucket
    # the pattern and its keys are called after the bucket of the site file
    keys = recording.one("Secret", "z-peak-s3").props["stringData"]
    assert keys == {
        "access-key": "value-of-s3-z-peak-access-key",
        "secret-key": "value-of-s3-z-peak-secret-key",
    }


def test_what_the_site_has_already_needs_no_administrator() -> None:
    assert "s3-admin-access-key" in secret_values(site())
    assert set(secret_values(site(object_storage=S3))) == {
        f"s3-{bucket}-{key}" for bucket in BUCKETS for key in ("access-key", "secret-key")
    }


@pytest.mark.parametrize("none", [None, {"kind": "none"}])
def test_a_site_without_object_storage_has_no_bucket(none: Any) -> None:
    recording = record_laboratory(site(object_storage=none, patterns={}))
    assert [each for each in recording if each.token == "ssl:components:ObjectStorage"] == []
    assert secret_values(site(object_storage=none)) == {}


def test_the_endpoint_is_in_the_clusters_own_domain() -> None:
    recording = record_laboratory(site(cni={"cluster_domain": "river-dev"}))
    container = recording.one("Deployment", "fitting-service").container("fitting-service")
    endpoint = next(each for each in container["env"] if each["name"] == "AWS_ENDPOINT_URL_S3")
    assert endpoint["value"] == "http://object-storage.ssl-object-storage.svc.river-dev:8333"


def test_both_containers_run_the_same_image() -> None:
    recording = record_laboratory(images={"seaweedfs": image("seaweedfs", "f" * 16)})
    containers = recording.one("StatefulSet", "object-storage").pod["containers"]
    assert {each["image"] for each in containers} == {image("seaweedfs", "f" * 16)}


@pytest.mark.parametrize(
    ("capacity", "buckets", "layout"),
    [
        ("5Gi", 2, (51, 100)),
        ("100Mi", 1, (32, 3)),
        ("100Mi", 4, (32, 8)),  # two for each bucket, though they are more than the capacity
        ("10Ti", 2, (30_000, 349)),
        ("1k", 0, (32, 1)),
    ],
)
def test_volumes_make_up_the_capacity(capacity: str, buckets: int, layout: tuple[int, int]) -> None:
    assert volume_layout(capacity, buckets) == layout


@given(
    gibibytes=st.integers(min_value=1, max_value=10**6),
    buckets=st.integers(min_value=0, max_value=16),
)
def test_volumes_are_never_more_than_the_capacity_and_hardly_less(
    gibibytes: int, buckets: int
) -> None:
    size, count = volume_layout(f"{gibibytes}Gi", buckets)
    assert 32 <= size <= 30_000
    if count > max(2 * buckets, 1):
        assert gibibytes * 1024 - size < size * count <= gibibytes * 1024
