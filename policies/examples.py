"""For each policy a resource that it refuses, for docs/policies.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policies.model import Resource


@dataclass(frozen=True)
class Example:
    """A resource, and the parts of the site file by which it is refused."""

    token: str
    props: Mapping[str, Any]
    site: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resource(self) -> Resource:
        """The resource as a rule sees it."""
        return Resource(
            self.token, "example", f"urn:pulumi:example::ssl::{self.token}::example", self.props
        )


_DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
_CRD: Final = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
_NAMESPACE: Final = "kubernetes:core/v1:Namespace"
_ROLE: Final = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
_FOLDER: Final = {"volumes": [{"name": "data", "hostPath": {"path": "/data"}}]}


def _deployment(spec: Mapping[str, Any], **site: Any) -> Example:
    """Return an example whose pods have such a specification."""
    return Example(_DEPLOYMENT, {"spec": {"template": {"spec": spec}}}, site)


def _container(fields: Mapping[str, Any], **site: Any) -> Example:
    return _deployment({"containers": [{"name": "web", **fields}]}, **site)


def _context(fields: Mapping[str, Any], **site: Any) -> Example:
    return _container({"securityContext": fields}, **site)


EXAMPLES: Final[Mapping[str, Example]] = {
    "no-privileged-container": _context({"privileged": True}),
    "no-privilege-escalation": _context({}),
    "no-host-path": _deployment(_FOLDER),
    "no-host-namespace": _deployment({"hostNetwork": True}),
    "no-host-port": _container({"ports": [{"containerPort": 8080, "hostPort": 80}]}),
    "no-added-capability": _context({"capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}}),
    "no-root-user": _context({"runAsNonRoot": True, "runAsUser": 0}),
    "seccomp-profile": _context({}),
    "no-idle-token": _deployment({}),
    "no-cluster-scoped-object": Example(_NAMESPACE, {}),
    "no-wide-cluster-role": Example(
        _ROLE, {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}
    ),
    "no-external-service": Example("kubernetes:core/v1:Service", {"spec": {"type": "NodePort"}}),
    "no-opaque-release": Example("kubernetes:helm.sh/v3:Release", {}),
    "images-pinned": _container({"image": "registry.example.edu/web:1.2"}),
    "resources-bounded": _container(
        {
            "resources": {
                "requests": {"cpu": "100m", "memory": "128Mi"},
                "limits": {"cpu": "1"},
            }
        }
    ),
    "no-plain-secret": _container({"env": [{"name": "DB_PASSWORD", "value": "any value"}]}),
    "site-scope": Example(
        _NAMESPACE, {}, {"privilege": {"scope": "namespace", "namespaces": ["ssl"]}}
    ),
    "site-crds": Example(_CRD, {}),
    "site-privileged": _context({"privileged": True}),
    "site-host-path": _deployment(_FOLDER),
    "site-pod-security": _deployment({"hostNetwork": True}, privilege={"pod_security": "baseline"}),
    "requests-within-quota": _container(
        {"resources": {"requests": {"cpu": "1", "memory": "64Gi"}, "limits": {"memory": "64Gi"}}},
        quota={"cpu": "4", "memory": "6Gi", "pods": 50},
    ),
    "limits-within-requests": _container(
        {"resources": {"requests": {"memory": "128Mi"}, "limits": {"memory": "1Gi"}}},
        rules={"limits_over_requests_percent": 20},
    ),
    "no-long-bare-pod": Example(
        "kubernetes:core/v1:Pod", {"spec": {}}, {"rules": {"bare_pods": {"hours": 6}}}
    ),
    "readiness-probe": _container({"ports": [{"containerPort": 8080}]}),
    "read-only-root": _context({}),
    "images-within-reach": _container(
        {"image": "ssl.local/web:0123456789abcdef"}, cluster={"kind": "existing", "context": "c"}
    ),
    "images-from-mirror": _container(
        {"image": "registry.example.org/web:1.2"}, registry={"mirror": "mirror.example.edu"}
    ),
}
