"""The sizes of servers, and which user may choose which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def offered(
    profiles: Sequence[Mapping[str, Any]], groups: Iterable[str]
) -> list[Mapping[str, Any]]:
    """Return the profiles for somebody who is in these groups, in the order of the settings.

    One that names no group is for everybody.
    """
    known = set(groups)
    return [each for each in profiles if not each["groups"] or known.intersection(each["groups"])]


def as_choice(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile as KubeSpawner offers it, and what of a pod it sets."""
    pod: dict[str, Any] = {
        "cpu_guarantee": profile["cpu"],
        "cpu_limit": profile["cpu_limit"],
        "mem_guarantee": profile["memory"],
        "mem_limit": profile["memory_limit"],
    }
    if profile["gpu"]:
        devices = {profile["gpu_resource"]: str(profile["gpu"])}
        pod |= {"extra_resource_guarantees": devices, "extra_resource_limits": devices}
    return {
        "slug": profile["name"],
        "display_name": profile["title"],
        "description": profile["description"],
        "kubespawner_override": pod,
    }
