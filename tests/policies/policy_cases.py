from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from policies.model import Resource
from policies.policy import Grants, Rule
from sslab.catalogue.contract import Powers
from sslab.site.model import Site

DIGEST = "@sha256:" + "0123456789abcdef" * 4

CONTAINER: dict[str, Any] = {
    "name": "web",
    "image": "ssl.local/fitting-service:0123456789abcdef",
    "env": [
        {"name": "S3_BUCKET", "value": "fitting-service"},
        {
            "name": "AWS_SECRET_ACCESS_KEY",
            "valueFrom": {"secretKeyRef": {"name": "s3", "key": "secret"}},
        },
    ],
    "ports": [{"containerPort": 8080}],
    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    "resources": {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": 1, "memory": "1Gi"},
    },
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    },
}
POD: dict[str, Any] = {
    "automountServiceAccountToken": False,
    "containers": [CONTAINER],
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "volumes": [{"name": "tmp", "emptyDir": {}}],
}


def edited(base: Mapping[str, Any], edits: Mapping[str, Any]) -> dict[str, Any]:
    """Copy nested data with `a.b.0.c` set to a value, or removed where that is None."""
    result = copy.deepcopy(dict(base))
    for path, value in edits.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = result
        for step in steps:
            place = place[step] if isinstance(step, int) else place.setdefault(step, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return result


def resource(token: str, props: Mapping[str, Any], name: str = "thing") -> Resource:
    urn = f"urn:pulumi:local::ssl::ssl:components:Laboratory${token}::{name}"
    return Resource(token, name, urn, props)


def pod(edits: Mapping[str, Any] | None = None) -> Resource:
    spec = edited(POD, edits or {})
    props = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": spec}
    return resource("kubernetes:core/v1:Pod", props)


def workload(api: str, kind: str, spec: Mapping[str, Any]) -> Resource:
    """Wrap a pod's specification in any kind that makes pods."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    props: dict[str, Any] = {"kind": kind, "metadata": {"name": "web"}}
    if kind == "PodTemplate":
        props["template"] = template
    elif kind == "CronJob":
        props["spec"] = {"jobTemplate": {"spec": {"template": template}}}
    else:
        props["spec"] = {"template": template}
    return resource(f"kubernetes:{api}:{kind}", props)


def site(**fields: Any) -> Site:
    """Return a site with the given parts, and the defaults of all others."""
    data = {"name": "example", "title": "Example", "cluster": {"kind": "local"}, **fields}
    return Site.model_validate(data)


def messages(
    rule: Rule, thing: Resource, powers: Powers | None = None, at: Site | None = None
) -> list[str]:
    return [str(each) for each in rule(thing, Grants(powers or Powers(), at or site()))]
