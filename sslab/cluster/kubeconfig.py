"""Kubeconfigs of clusters that the laboratory makes, as text."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

GKE_PLUGIN = "gke-gcloud-auth-plugin"


def by_token(server: str, certificate: str, token: str) -> str:
    """Return a kubeconfig for a bearer token; `certificate` is the authority's, as PEM."""
    encoded = base64.b64encode(certificate.encode()).decode()
    return _kubeconfig(server, encoded, {"token": token})


def by_google_account(server: str, certificate: str) -> str:
    """Return a kubeconfig that asks Google's plugin for a token; `certificate` is in base64.

    It holds no credential: whoever uses it logs in with an account of their own.
    """
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": GKE_PLUGIN,
        "installHint": f"install it: gcloud components install {GKE_PLUGIN}",
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": True,
    }
    return _kubeconfig(server, certificate, {"exec": plugin})


def _kubeconfig(server: str, certificate: str, user: Mapping[str, Any]) -> str:
    name = "ssl"
    cluster = {"server": server, "certificate-authority-data": certificate}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        indent=1,
    )
