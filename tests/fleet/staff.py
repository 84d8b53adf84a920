"""What the staff of a site has set up on its cluster before the laboratory comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from sslab.cluster.configs import PROVISIONER
from sslab.images import content
from tests.clusters import ROOT, apply, kubectl

TENANT_ROLE = ROOT / "docs" / "tenant-role.yaml"


def storage_class(kubeconfig: Path, name: str) -> None:
    """Offer volumes under the name that the site file has."""
    apply(
        kubeconfig,
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": PROVISIONER,
        },
    )


def ingress_controller(kubeconfig: Path, class_name: str) -> None:
    """Run a controller for an IngressClass at port 80 of the node; Traefik stands for any."""
    name = "ingress-controller"
    labels = {"app": name}
    metadata = {"name": name, "namespace": name}
    command = [
        *("--global.sendanonymoususage=false", "--entrypoints.web.address=:8000"),
        *("--providers.kubernetesingress=true",),
        f"--providers.kubernetesingress.ingressclass={class_name}",
    ]
    container = {
        "name": "traefik",
        "image": content.reference(ROOT, "traefik"),
        "args": command,
        "ports": [{"containerPort": 8000, "hostPort": 80}],
    }
    pod = {"serviceAccountName": name, "containers": [container]}
    group = "rbac.authorization.k8s.io"
    reads = {"verbs": ["get", "list", "watch"]}
    apply(
        kubeconfig,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": name},
            "rules": [
                {"apiGroups": [""], "resources": ["services", "secrets", "nodes"], **reads},
                {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], **reads},
                {
                    "apiGroups": ["networking.k8s.io"],
                    "resources": ["ingresses", "ingressclasses"],
                    **reads,
                },
                {
                    "apiGroups": ["networking.k8s.io"],
                    "resources": ["ingresses/status"],
                    "verbs": ["update"],
                },
            ],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", **metadata}],
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": class_name},
            "spec": {"controller": "traefik.io/ingress-controller"},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
    )


def tenant(kubeconfig: Path, namespace: str, quota: dict[str, str]) -> str:
    """Make a tenant's namespace with a quota; return a token of an account for it alone.

    The account gets what docs/tenant-role.yaml asks the site's staff for, and nothing else.
    """
    (role,) = yaml.safe_load_all(TENANT_ROLE.read_text())
    role["metadata"]["namespace"] = namespace
    group = "rbac.authorization.k8s.io"
    account = {"name": "laboratory", "namespace": namespace}
    enforce = "pod-security.kubernetes.io/enforce"
    apply(
        kubeconfig,
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {enforce: "restricted"}},
        },
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "tenant", "namespace": namespace},
            "spec": {"hard": quota},
        },
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        role,
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": account,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": role["metadata"]["name"]},
            "subjects": [{"kind": "ServiceAccount", **account}],
        },
    )
    words = ("create", "token", account["name"], f"--namespace={namespace}", "--duration=3h")
    return kubectl(kubeconfig, *words).strip()


def joined(contexts: dict[str, tuple[Path, str | None]]) -> str:
    """Return a kubeconfig with a context for each cluster, by the administrator or a token."""
    clusters: list[dict[str, Any]] = []
    users: list[dict[str, Any]] = []
    for name, (file, token) in contexts.items():
        known = yaml.safe_load(file.read_text())
        user = {"token": token} if token else known["users"][0]["user"]
        clusters.append({"name": name, "cluster": known["clusters"][0]["cluster"]})
        users.append({"name": name, "user": user})
    named = [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts]
    document = {"apiVersion": "v1", "kind": "Config", "clusters": clusters, "users": users}
    return json.dumps({**document, "contexts": named}, indent=1)
