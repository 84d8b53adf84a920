"""Rules about what containers run and how much of the node they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from policies.model import Node, Resource, containers, label, violation
from sslab.catalogue.quantity import parse_quantity

if TYPE_CHECKING:
    from sslab.catalogue.contract import Powers

_PINNED: Final = re.compile(
    r"\S+@sha256:[0-9a-f]{64}|ssl\.local/[a-z0-9][a-z0-9._/-]*:[0-9a-f]{16,64}"
)


def images_pinned(resource: Resource, powers: Powers) -> Iterator[str]:  # noqa: ARG001
    """Require images by digest, or by the content hash that the laboratory's own builder gives."""
    for container in containers(resource):
        image = container.child("image")
        if image.unknown or (image.text and _PINNED.fullmatch(image.text)):
            continue
        yield violation(
            f"{label(container)} runs an image that is not pinned",
            image,
            "a tag can point to something else tomorrow",
            "append its digest (@sha256:...), or build it in images/ as "
            "ssl.local/<name>:<content hash>",
        )


def resources_bounded(resource: Resource, powers: Powers) -> Iterator[str]:  # noqa: ARG001
    """Require requests and limits for CPU and memory, with limits no lower than requests."""
    for container in containers(resource):
        for unit in ("cpu", "memory"):
            yield from _judge_amounts(container, unit)


def _judge_amounts(container: Node, unit: str) -> Iterator[str]:
    amounts = {}
    for field in ("requests", "limits"):
        amount = container.child("resources", field, unit)
        amounts[field] = _number(amount.value)
        if amounts[field] is None and not amount.unknown:
            yield violation(
                f"{label(container)} states no {unit} {field}",
                amount,
                "the scheduler cannot place it and it can starve its neighbours",
                f"set it to a quantity such as {'500m' if unit == 'cpu' else '256Mi'}",
            )
    low, high = amounts["requests"], amounts["limits"]
    if low is not None and high is not None and high < low:
        yield violation(
            f"{label(container)} has a {unit} limit below its request",
            container.child("resources", "limits", unit),
            "Kubernetes refuses such a pod",
            "raise the limit or lower the request",
        )


def _number(quantity: object) -> Fraction | None:
    """Return what a quantity (`500m`, 2) stands for, or None if it is none."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return None
    try:
        return parse_quantity(str(quantity))
    except ValueError:
        return None
