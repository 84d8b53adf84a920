"""What an instance does when it starts for the first time: it joins, or begins, a k3s cluster.

The texts are cloud-init's. Certificate authority and tokens are made before, so that nodes and
kubeconfig agree without anybody fetching a file from a node: docs/decisions/0009.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

VERSION = "v1.34.1+k3s1"
INSTALL = (
    "curl -sfL --retry 20 --retry-all-errors "
    f"https://raw.githubusercontent.com/k3s-io/k3s/{VERSION.replace('+', '%2B')}/install.sh"
    f" | INSTALL_K3S_VERSION={VERSION} sh -s - "
)
FOLDER = "/etc/rancher/k3s"
AUTHORITY = "/var/lib/rancher/k3s/server/tls/server-ca"
API_PORT = 6443


def part(pem: str, kind: str) -> str:
    """Return the part of a PEM text of a kind, `CERTIFICATE` or `PRIVATE KEY`; empty: none."""
    found = re.search(rf"-----BEGIN {kind}-----.*?-----END {kind}-----\n?", pem, re.DOTALL)
    return found.group() if found else ""


def server(authority: str, join_token: str, admin_token: str, names: Sequence[str]) -> str:
    """Return the user data of the control plane; `names` are the addresses clients know it by."""
    config = {
        "token": join_token,
        "tls-san": list(names),
        # the laboratory has an ingress of its own, and Services get no address here
        "disable": ["traefik", "servicelb"],
        "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
        "secrets-encryption": True,
        "kube-apiserver-arg": [f"token-auth-file={FOLDER}/tokens.csv"],
    }
    return _cloud_config(
        {
            f"{AUTHORITY}.crt": part(authority, "CERTIFICATE"),
            f"{AUTHORITY}.key": part(authority, "PRIVATE KEY"),
            f"{FOLDER}/tokens.csv": f'{admin_token},ssl-admin,ssl-admin,"system:masters"\n',
            f"{FOLDER}/config.yaml": yaml.safe_dump(config),
        },
        "server",
    )


def agent(address: str, join_token: str) -> str:
    """Return the user data of a worker; `address` is the control plane's, in the nodes' network."""
    config = {"server": f"https://{address}:{API_PORT}", "token": join_token}
    return _cloud_config({f"{FOLDER}/config.yaml": yaml.safe_dump(config)}, "agent")


def _cloud_config(files: dict[str, str], role: str) -> str:
    document: dict[str, Any] = {
        # pods would read authority and tokens from the cloud's metadata service
        "disable_ec2_metadata": True,
        "write_files": [
            {"path": path, "content": content, "permissions": "0600"}
            for path, content in files.items()
        ],
        "runcmd": [INSTALL + role],
    }
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=False)
