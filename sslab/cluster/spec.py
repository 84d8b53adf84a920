"""What an embedded cluster is: its name, its addresses, its folders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "1.34.4"
"""The Kubernetes version; toolchain/kubernetes pins the same."""

SERVICE_CIDR = "10.96.0.0/16"
POD_CIDR = "10.244.0.0/16"
NODE_POD_CIDR = "10.244.0.0/24"
DNS_ADDRESS = "10.96.0.10"
CLUSTER_DOMAIN = "cluster.local"
STORAGE_CLASS = "local-path"


@dataclass(frozen=True)
class ClusterSpec:
    """One embedded cluster.

    `index` (1 to 254) chooses its network, 10.89.<index>.0/24, and the names of its interfaces.
    `publish` maps ports on the host's loopback to node ports. Full names of Services end in
    `domain`.
    """

    name: str
    index: int
    home_dir: Path
    publish: Mapping[int, int] = field(default_factory=dict)
    domain: str = CLUSTER_DOMAIN

    @staticmethod
    def home(state: Path, name: str) -> Path:
        """Return the folder that keeps the state of the cluster `name`."""
        return state / "clusters" / name

    @property
    def namespace(self) -> str:
        """The network namespace and the cgroup of this cluster."""
        return f"sslab-{self.index}-{self.name}"

    @property
    def link(self) -> str:
        """The host's end of the cluster's cable; interface names have at most 15 letters."""
        return f"sslab{self.index}"

    @property
    def gateway(self) -> str:
        """The host's address on the cluster's network."""
        return f"10.89.{self.index}.1"

    @property
    def address(self) -> str:
        """The node's address."""
        return f"10.89.{self.index}.2"

    @property
    def network(self) -> str:
        """The cluster's own network."""
        return f"10.89.{self.index}.0/24"

    @property
    def node(self) -> str:
        """The node's name."""
        return f"{self.name}-1"

    @property
    def run_dir(self) -> Path:
        """Sockets; short, because a socket's path has at most 107 letters."""
        return Path("/run") / self.namespace

    @property
    def images(self) -> Path:
        """Containerd's folder, with the images."""
        return self.home_dir / "containerd"

    @property
    def containerd_socket(self) -> Path:
        """The address of the cluster's own containerd."""
        return self.run_dir / "containerd.sock"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisor answers."""
        return self.run_dir / "supervisor.sock"

    @property
    def kubelet_dir(self) -> Path:
        """The kubelet's folder by a short name: it makes sockets there, and dies where it cannot.

        A symbolic link to `home_dir/kubelet`, which may be as long as a user's folders are.
        """
        return self.run_dir / "kubelet"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.home_dir / "kubeconfig"

    def save(self) -> None:
        """Write the spec into its folder."""
        self.home_dir.mkdir(parents=True, exist_ok=True)
        kept = {"name": self.name, "index": self.index, "publish": dict(self.publish)}
        text = json.dumps({**kept, "domain": self.domain}, indent=1)
        partial = self.home_dir / "cluster.json.partial"
        partial.write_text(text)
        partial.replace(self.home_dir / "cluster.json")

    @classmethod
    def load(cls, home: Path) -> ClusterSpec | None:
        """Return the cluster kept in `home`, None where there is none."""
        try:
            data = json.loads((home / "cluster.json").read_text())
        except FileNotFoundError:
            return None
        publish = {int(port): int(node_port) for port, node_port in data["publish"].items()}
        domain = data.get("domain", CLUSTER_DOMAIN)
        return cls(data["name"], data["index"], home, publish, domain)
