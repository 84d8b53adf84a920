"""The table of all rules: what the policy pack enforces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from policies.container_rules import images_pinned, resources_bounded
from policies.object_rules import (
    no_cluster_scoped_object,
    no_external_service,
    no_opaque_release,
    no_wide_cluster_role,
)
from policies.pod_rules import (
    no_added_capability,
    no_host_namespace,
    no_host_path,
    no_host_port,
    no_idle_token,
    no_privilege_escalation,
    no_privileged_container,
    no_root_user,
    seccomp_profile,
)
from policies.secret_rules import no_plain_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.model import Resource
    from sslab.catalogue.contract import Powers

Rule: TypeAlias = "Callable[[Resource, Powers], Iterator[str]]"
"""A rule yields one message for each violation by a resource whose component has the powers."""

RULES: Final[tuple[Rule, ...]] = (
    no_privileged_container,
    no_privilege_escalation,
    no_host_path,
    no_host_namespace,
    no_host_port,
    no_added_capability,
    no_root_user,
    seccomp_profile,
    no_idle_token,
    no_cluster_scoped_object,
    no_wide_cluster_role,
    no_external_service,
    no_opaque_release,
    images_pinned,
    resources_bounded,
    no_plain_secret,
)
