"""The table of all policies."""

from __future__ import annotations

from typing import Final

from policies.advice_rules import (
    images_from_mirror,
    images_within_reach,
    read_only_root,
    readiness_probe,
)
from policies.container_rules import images_pinned, resources_bounded
from policies.house_rules import (
    limits_within_requests,
    no_long_bare_pod,
    requests_within_quota,
)
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
from policies.policy import Policy
from policies.privilege_rules import (
    site_crds,
    site_host_path,
    site_pod_security,
    site_privileged,
    site_scope,
)
from policies.secret_rules import no_plain_secret

POLICIES: Final = (
    Policy(no_privileged_container, "`powers.privileged` in the contract"),
    Policy(no_privilege_escalation, "`powers.privileged` in the contract"),
    Policy(no_host_path, "`powers.host_path` in the contract"),
    Policy(
        no_host_namespace,
        "`powers.host_network` and `powers.host_pid` in the contract; nothing allows `hostIPC`",
    ),
    Policy(no_host_port, "`powers.host_network` in the contract"),
    Policy(
        no_added_capability,
        "the capabilities in `powers.capabilities` of the contract; all with `powers.privileged`",
    ),
    Policy(no_root_user, "`powers.run_as_root` in the contract"),
    Policy(seccomp_profile, "`powers.privileged` in the contract"),
    Policy(no_idle_token),
    Policy(no_cluster_scoped_object, "the kinds in `powers.cluster_scoped` of the contract"),
    Policy(
        no_wide_cluster_role,
        "`powers.cluster_admin` in the contract; for Secrets `powers.cluster_secrets` is enough",
    ),
    Policy(no_external_service, "`powers.external_service` in the contract"),
    Policy(no_opaque_release),
    Policy(images_pinned),
    Policy(resources_bounded),
    Policy(no_plain_secret, exemptable=False),
    Policy(site_scope, "`privilege.scope` and `privilege.namespaces` in the site file"),
    Policy(site_crds, "`privilege.crds` in the site file"),
    Policy(site_privileged, "`privilege.privileged` in the site file"),
    Policy(site_host_path, "`privilege.host_path` in the site file"),
    Policy(site_pod_security, "`privilege.pod_security` in the site file"),
    Policy(
        limits_within_requests,
        "a higher `rules.limits_over_requests_percent` in the site file, or none",
    ),
    Policy(requests_within_quota, "a larger `quota` in the site file", exemptable=False),
    Policy(no_long_bare_pod, "other bounds in `rules.bare_pods` of the site file, or none"),
    Policy(readiness_probe, severity="advisory"),
    Policy(read_only_root, severity="advisory"),
    Policy(images_within_reach, "`registry.images` in the site file", severity="advisory"),
    Policy(images_from_mirror, "a site file without `registry.mirror`", severity="advisory"),
)
