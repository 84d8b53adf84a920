"""The ids of the policies, for a core that may not import `policies/`: exemptions name them."""

from __future__ import annotations

from typing import Final

POLICY_IDS: Final = (
    "no-privileged-container",
    "no-privilege-escalation",
    "no-host-path",
    "no-host-namespace",
    "no-host-port",
    "no-added-capability",
    "no-root-user",
    "seccomp-profile",
    "no-idle-token",
    "no-cluster-scoped-object",
    "no-wide-cluster-role",
    "no-external-service",
    "no-opaque-release",
    "images-pinned",
    "resources-bounded",
    "no-plain-secret",
    "site-scope",
    "site-crds",
    "site-privileged",
    "site-host-path",
    "site-pod-security",
    "limits-within-requests",
    "requests-within-quota",
    "no-long-bare-pod",
    "readiness-probe",
    "read-only-root",
    "images-within-reach",
    "images-from-mirror",
)
"""All of them, as docs/policies.md lists them."""

NEVER_EXEMPTED: Final = ("no-plain-secret", "requests-within-quota")
"""Those that no exemption can name."""
