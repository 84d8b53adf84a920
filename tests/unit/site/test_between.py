"""What no two sites may share, and that many sites are compared in linear time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from sslab.site.between import rules_between
from sslab.site.document import Document
from sslab.site.model import Site
from sslab.site.types import bounds

SITE: dict[str, Any] = {
    "title": "A site",
    "quota": {"cpu": "4", "memory": "6Gi", "pods": 50},
    "storage": {"capacity": "20Gi"},
}


def told(*balancing: Any, contexts: tuple[str, ...] = ()) -> list[str]:
    documents, sites = [], {}
    for order, each in enumerate(balancing):
        context = contexts[order] if contexts else f"context-{order}"
        data = {
            **SITE,
            "name": f"s{order:05}",
            "cluster": {"kind": "existing", "context": context},
            "ingress": {"kind": "traefik", "domain": f"s{order}.example.edu"},
            "load_balancing": each,
        }
        document = Document(f"sites/s{order:05}.yaml", data)
        documents.append(document)
        sites[document.file] = Site.model_validate(data)
    return [f"{Path(each.file).stem} {each.field}: {each.problem}" for each in
            rules_between(documents, sites)]  # fmt: skip


def pool(*parts: str, **more: str) -> dict[str, Any]:
    return {"kind": "metallb", "pool": parts, **more}


def cloud(address: str | None) -> dict[str, Any]:
    return {"kind": "cloud", "address": address}


def test_an_address_in_anothers_pool_is_told_at_the_later_file() -> None:
    message = "the address 203.0.113.7 is taken by sites/s00000.yaml already"
    inside = pool("198.51.100.0/28", "203.0.113.0/28")
    assert told(cloud("203.0.113.7"), inside) == [f"s00001 load_balancing.pool[1]: {message}"]
    assert told(inside, cloud("203.0.113.7")) == [f"s00001 load_balancing.address: {message}"]


def test_three_sites_with_one_address_are_two_mistakes() -> None:
    assert len(told(*[cloud("203.0.113.7")] * 3)) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pool("203.0.113.0/28"), pool("203.0.113.16/28")),
        (cloud("203.0.113.7"), cloud(None)),
        (cloud("203.0.113.7"), pool("2001:db8::/64")),
        (pool("10.0.0.0/24"), pool("10.0.0.0/24")),
        (pool("fd00::/64"), pool("fd00::/64")),
    ],
)
def test_what_does_not_collide(one: Any, other: Any) -> None:
    assert told(one, other) == []


def test_two_sites_do_not_share_a_cluster() -> None:
    message = "s00001 cluster.context: the cluster one is taken by sites/s00000.yaml already"
    assert told(cloud(None), cloud(None), contexts=("one", "one")) == [message]


def test_a_pool_and_an_address_of_it_are_no_collision() -> None:
    assert told(pool("203.0.113.0/28", address="203.0.113.3")) == []


def test_two_thousand_sites_take_little_longer_than_reading_them() -> None:
    many = [pool(f"{20 + n // 250}.{n % 250}.0.0/24") for n in range(2000)]
    started = time.process_time()
    assert told(*many) == []
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "size"),
    [("192.0.2.1", 1), ("192.0.2.0/24", 256), ("192.0.2.5-192.0.2.7", 3), ("2001:db8::/127", 2)],
)
def test_bounds(text: str, size: int) -> None:
    _, first, last = bounds(text)
    assert last - first + 1 == size
