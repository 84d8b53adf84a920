from __future__ import annotations

import pytest

from policies.container_rules import images_pinned, resources_bounded
from tests.policies.policy_cases import DIGEST, messages, pod, site


@pytest.mark.parametrize(
    "image",
    [
        "ssl.local/z-peak:0123456789abcdef",
        "ssl.local/z-peak:" + "ab12" * 16,
        "registry.example/pause:3.10" + DIGEST,
        "registry.example/org/image" + DIGEST,
        "ssl.local/z-peak" + DIGEST,
    ],
)
def test_a_pinned_image_passes(image: str) -> None:
    assert messages(images_pinned, pod({"containers.0.image": image})) == []


@pytest.mark.parametrize(
    "image",
    [
        *("nginx", "nginx:latest", "nginx:1.27", "registry.example/org/image:v1", ""),
        *("nginx@sha256:0123", "nginx" + DIGEST.upper(), "nginx" + DIGEST + "0"),
        *("ssl.local/z-peak:latest", "ssl.local/z-peak:0123456", "ssl.local/z-peak"),
        "other.local/z-peak:0123456789abcdef",
    ],
)
def test_an_image_that_can_change_fails(image: str) -> None:
    (message,) = messages(images_pinned, pod({"containers.0.image": image}))
    assert "not pinned (spec.containers[0].image)" in message


def test_the_laboratorys_own_images_come_from_the_sites_registry() -> None:
    at = site(registry={"images": "registry.example.edu/ssl"})
    own = "registry.example.edu/ssl/z-peak:0123456789abcdef"
    assert messages(images_pinned, pod({"containers.0.image": own}), at=at) == []
    assert len(messages(images_pinned, pod({"containers.0.image": own}))) == 1
    (message,) = messages(images_pinned, pod(), at=at)
    assert message.endswith("build it in images/ as registry.example.edu/ssl/<name>:<content hash>")


def test_a_container_without_an_image_fails() -> None:
    assert len(messages(images_pinned, pod({"containers.0.image": None}))) == 1


@pytest.mark.parametrize("field", ["requests", "limits"])
@pytest.mark.parametrize("unit", ["cpu", "memory"])
@pytest.mark.parametrize("value", [None, "", "lots", True, []])
def test_a_missing_amount_fails(field: str, unit: str, value: object) -> None:
    thing = pod({f"containers.0.resources.{field}.{unit}": value})
    (message,) = messages(resources_bounded, thing)
    assert f'container "web" states no {unit} {field}' in message
    assert f"(spec.containers[0].resources.{field}.{unit})" in message


def test_a_container_without_resources_is_told_of_all_four() -> None:
    assert len(messages(resources_bounded, pod({"containers.0.resources": None}))) == 4


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        *(("100m", "100m"), ("100m", 0.1), ("0.1", "100m"), ("1", "1k"), (1.0, 1.0), ("1e3", "1k")),
        *(("1Ki", "1024"), ("1M", "1Mi"), ("900m", 1), ("1G", "1Gi")),
    ],
)
def test_a_limit_at_or_above_the_request_passes(request_: object, limit: object) -> None:
    thing = pod(
        {
            "containers.0.resources.requests.memory": request_,
            "containers.0.resources.limits.memory": limit,
        }
    )
    assert messages(resources_bounded, thing) == []


@pytest.mark.parametrize(
    ("request_", "limit"),
    [("200m", "100m"), (2, "1"), ("1Gi", "1G"), ("1Mi", "1000k"), ("1", "1m")],
)
def test_a_limit_below_the_request_fails(request_: object, limit: object) -> None:
    thing = pod(
        {
            "containers.0.resources.requests.cpu": request_,
            "containers.0.resources.limits.cpu": limit,
        }
    )
    (message,) = messages(resources_bounded, thing)
    assert "cpu limit below its request" in message
