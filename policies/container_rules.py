"""Rules about what containers run and how much of the node they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from policies.model import Node, Resource, Violation, containers, label, violation
from sslab.catalogue.quantity import parse_quantity

if TYPE_CHECKING:
    from policies.policy import Grants

_DIGEST: Final = re.compile(r"\S+@sha256:[0-9a-f]{64}")
_CONTENT_HASH: Final = re.compile(r"[a-z0-9][a-z0-9._/-]*:[0-9a-f]{16,64}")


def images_pinned(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Require images by digest, or by the content hash that the laboratory's own builder gives.

    A tag can point to something else tomorrow, and then what runs is not what was reviewed. The
    laboratory's own images are named by a hash of their sources, at `ssl.local` or where
    `registry.images` in the site file says.
    """
    own = f"{grants.site.registry.images or 'ssl.local'}/"
    for container in containers(resource):
        image = container.child("image")
        text = image.text or ""
        built_here = text.startswith(own) and _CONTENT_HASH.fullmatch(text.removeprefix(own))
        if image.unknown or built_here or _DIGEST.fullmatch(text):
            continue
        yield violation(
            f"{label(container)} runs an image that is not pinned",
            image,
            "a tag can point to something else tomorrow",
            "append its digest (@sha256:...), or build it in images/ as "
            f"{own}<name>:<content hash>",
        )


def resources_bounded(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Require requests and limits for CPU and memory, with limits no lower than requests.

    With requests the scheduler can find the pod a place, and with limits the pod cannot starve its
    neighbours.
    """
    for container in containers(resource):
        for unit in ("cpu", "memory"):
            yield from _judge_amounts(container, unit)


def _judge_amounts(container: Node, unit: str) -> Iterator[Violation]:
    amounts = {}
    for field in ("requests", "limits"):
        amount = container.child("resources", field, unit)
        amounts[field] = number(amount.value)
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


def number(quantity: object) -> Fraction | None:
    """Return what a quantity (`500m`, 2) stands for, or None if it is none."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return None
    try:
        return parse_quantity(str(quantity))
    except ValueError:
        return None
