"""The configuration files of a cluster's processes.

Values that look odd have a reason: `restrict_oom_score_adj` where the machine may not raise its
own priority, `conntrack.maxPerCore: 0` because a namespace cannot set the host's table size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sslab.cluster.spec import (
    DNS_ADDRESS,
    NODE_POD_CIDR,
    POD_CIDR,
    SERVICE_CIDR,
    STORAGE_CLASS,
    VERSION,
    ClusterSpec,
)

PROVISIONER = "ssl.local/local-path"  # as toolchain/local-path-provisioner registers itself
RESOLV_CONFS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
CNI_DIR = Path("/usr/lib/cni")  # where Debian's containernetworking-plugins lies


def write(spec: ClusterSpec, pause_image: str) -> None:
    """Write every configuration file of the cluster into its folder."""
    home = spec.home_dir
    for folder in ("logs", "cni", "etcd", "kubelet", "volumes", "manifests"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # pods reach their volumes by path; nobody else lists the folder
    files: dict[str, str] = {
        "kubeadm.yaml": _documents(*_kubeadm(spec)),
        "containerd.toml": _containerd(spec, pause_image),
        "cni/10-bridge.conflist": _documents(_cni(spec)),
        "kubelet.yaml": _documents(_kubelet(spec)),
        "kube-proxy.yaml": _documents(_kube_proxy(spec)),
        "Corefile": _corefile(spec),
        "manifests/system.json": _documents(_system(spec)),
    }
    for name, text in files.items():
        (home / name).write_text(text)


def _documents(*documents: Mapping[str, Any]) -> str:
    """Return YAML documents; JSON is YAML."""
    return "\n---\n".join(json.dumps(document, indent=1) for document in documents) + "\n"


def _kubeadm(spec: ClusterSpec) -> tuple[dict[str, Any], dict[str, Any]]:
    version = "kubeadm.k8s.io/v1beta4"
    return (
        {
            "apiVersion": version,
            "kind": "InitConfiguration",
            "localAPIEndpoint": {"advertiseAddress": spec.address, "bindPort": 6443},
            "nodeRegistration": {"name": spec.node},
        },
        {
            "apiVersion": version,
            "kind": "ClusterConfiguration",
            "clusterName": f"sslab-{spec.name}",
            "kubernetesVersion": f"v{VERSION}",
            "certificatesDir": str(spec.home_dir / "pki"),
            "controlPlaneEndpoint": f"{spec.address}:6443",
            "networking": {"serviceSubnet": SERVICE_CIDR, "podSubnet": POD_CIDR},
        },
    )


def _containerd(spec: ClusterSpec, pause_image: str) -> str:
    return f"""version = 2
root = "{spec.images}"
state = "{spec.run_dir / "containerd"}"
[grpc]
  address = "{spec.containerd_socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause_image}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{CNI_DIR}"
    conf_dir = "{spec.home_dir / "cni"}"
"""


def _cni(spec: ClusterSpec) -> dict[str, Any]:
    return {
        "cniVersion": "0.4.0",
        "name": spec.namespace,
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni0",
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(spec.run_dir / "ipam"),
                    "ranges": [[{"subnet": NODE_POD_CIDR}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def _kubelet(spec: ClusterSpec) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "x509": {"clientCAFile": str(spec.home_dir / "pki/ca.crt")},
            "webhook": {"enabled": True},
            "anonymous": {"enabled": False},
        },
        "authorization": {"mode": "Webhook"},
        "clusterDomain": spec.domain,
        "clusterDNS": [DNS_ADDRESS],
        "resolvConf": str(resolv_conf() or "/dev/null"),
        # a folder of its own: each kubelet clears away the logs of pods that it does not know
        "podLogsDir": str(spec.home_dir / "pod-logs"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{spec.namespace}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{spec.containerd_socket}",
        # a pod's end and start are seen at once: waiting for the next minute helps nobody here
        "syncFrequency": "10s",
        "nodeStatusUpdateFrequency": "5s",
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "2%"},
        "imageGCHighThresholdPercent": 100,  # images come from this machine alone: never drop one
    }


def _kube_proxy(spec: ClusterSpec) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": POD_CIDR,
        "clientConnection": {"kubeconfig": str(spec.home_dir / "kubeconfigs/super-admin.conf")},
        "conntrack": {"maxPerCore": 0},
    }


def resolv_conf() -> Path | None:
    """Return a resolv.conf whose servers a pod can reach, that is none on loopback."""
    for path in RESOLV_CONFS:
        if path.exists():
            lines = [line.split() for line in path.read_text().splitlines()]
            servers = [words[1] for words in lines if words[:1] == ["nameserver"] and words[1:]]
            if servers and not any(server.startswith(("127.", "::1")) for server in servers):
                return path
    return None


def _corefile(spec: ClusterSpec) -> str:
    upstream = resolv_conf()
    forward = f"    forward . {upstream}\n" if upstream else ""
    kubeconfig = spec.home_dir / "kubeconfigs/super-admin.conf"
    return f""".:53 {{
    bind {spec.address}
    errors
    health {spec.address}:8080
    ready {spec.address}:8181
    kubernetes {spec.domain} in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        fallthrough in-addr.arpa ip6.arpa
    }}
{forward}    cache 30
}}
"""


def _system(spec: ClusterSpec) -> dict[str, Any]:
    """Return the objects every cluster has: its DNS service and its default storage class."""
    names = {"name": "kube-dns", "namespace": "kube-system"}
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    items = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": names,
            "spec": {"clusterIP": DNS_ADDRESS, "ports": ports},
        },
        {  # CoreDNS is one of the node's processes, so its endpoint is written down
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**names, "labels": {"kubernetes.io/service-name": "kube-dns"}},
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": [{"addresses": [spec.address], "conditions": {"ready": True}}],
        },
        {  # who may see logs and open shells: kubeadm's administrators, the API server among them
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "kubeadm:cluster-admins"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "cluster-admin",
            },
            "subjects": [
                {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "Group",
                    "name": "kubeadm:cluster-admins",
                }
            ],
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": PROVISIONER,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
        },
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}
