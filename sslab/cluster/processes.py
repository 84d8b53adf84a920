"""The processes of a cluster, and supervisor that keeps them.

Each dies with supervisor (`setpriv --pdeathsig`), and a one-line loop starts supervisor again
should it be killed: so whichever process is killed, the cluster comes back by itself.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from sslab.cluster.errors import ClusterError
from sslab.cluster.network import inside_of
from sslab.cluster.spec import SERVICE_CIDR, ClusterSpec

LOG_BYTES = "5MB"


@dataclass(frozen=True)
class ProcessState:
    """One process as supervisor sees it; `since_s` is how long it has been in this state."""

    name: str
    state: str
    pid: int
    since_s: int


def commands(spec: ClusterSpec, programs: Mapping[str, Path]) -> dict[str, list[str]]:
    """Return the command of each process that runs inside the cluster's network, in start order."""
    home = spec.home_dir
    pki = home / "pki"
    kubeconfigs = home / "kubeconfigs"
    own: dict[str, list[str]] = {
        "containerd": [f"--config={home / 'containerd.toml'}"],
        "etcd": [f"--data-dir={home / 'etcd'}", "--log-level=warn"],
        "kube-apiserver": [
            "--etcd-servers=http://127.0.0.1:2379",
            f"--advertise-address={spec.address}",
            "--secure-port=6443",
            f"--client-ca-file={pki / 'ca.crt'}",
            f"--tls-cert-file={pki / 'apiserver.crt'}",
            f"--tls-private-key-file={pki / 'apiserver.key'}",
            f"--kubelet-client-certificate={pki / 'apiserver-kubelet-client.crt'}",
            f"--kubelet-client-key={pki / 'apiserver-kubelet-client.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki / 'sa.pub'}",
            f"--service-account-signing-key-file={pki / 'sa.key'}",
            f"--service-cluster-ip-range={SERVICE_CIDR}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",  # Pod Security decides, a namespace at a time
        ],
        "kube-controller-manager": [
            f"--kubeconfig={kubeconfigs / 'controller-manager.conf'}",
            "--use-service-account-credentials=true",
            f"--cluster-signing-cert-file={pki / 'ca.crt'}",
            f"--cluster-signing-key-file={pki / 'ca.key'}",
            f"--root-ca-file={pki / 'ca.crt'}",
            f"--service-account-private-key-file={pki / 'sa.key'}",
            "--leader-elect=false",
        ],
        "kube-scheduler": [
            f"--kubeconfig={kubeconfigs / 'scheduler.conf'}",
            "--leader-elect=false",
        ],
        "kubelet": [
            f"--config={home / 'kubelet.yaml'}",
            f"--kubeconfig={kubeconfigs / 'kubelet.conf'}",
            f"--root-dir={spec.kubelet_dir}",
            f"--cert-dir={spec.kubelet_dir / 'pki'}",
            f"--node-ip={spec.address}",
            f"--hostname-override={spec.node}",
        ],
        "kube-proxy": [f"--config={home / 'kube-proxy.yaml'}", f"--hostname-override={spec.node}"],
        "coredns": ["-conf", str(home / "Corefile")],
        "local-path-provisioner": [
            "-kubeconfig",
            str(kubeconfigs / "super-admin.conf"),
            "-root",
            str(home / "volumes"),
            "-node",
            spec.node,
        ],
    }
    return {name: [*inside_of(spec), str(programs[name]), *own[name]] for name in own}


def configuration(spec: ClusterSpec, programs: Mapping[str, Path]) -> str:
    """Return supervisor's configuration file."""
    home = spec.home_dir
    parts = [
        f"""[supervisord]
logfile={home / "logs/supervisord.log"}
logfile_maxbytes={LOG_BYTES}
pidfile={spec.run_dir / "supervisord.pid"}
childlogdir={home / "logs"}
nodaemon=true
user=root
[unix_http_server]
file={spec.supervisor_socket}
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    ]
    every = dict(commands(spec, programs))
    for port, node_port in spec.publish.items():
        every[f"publish-{port}"] = [
            "socat",
            f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
            f"TCP:{spec.address}:{node_port}",
        ]
    for priority, (name, words) in enumerate(every.items(), start=1):
        group = "true" if name.startswith("publish-") else "false"
        command = " ".join(word.replace("%", "%%") for word in words)
        parts.append(
            f"""[program:{name}]
command=setpriv --pdeathsig KILL -- {command}
priority={priority}
directory={home}
environment=PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
autostart=true
autorestart=true
startsecs=1
startretries=1000000
stopwaitsecs=10
stopasgroup={group}
killasgroup={group}
redirect_stderr=true
stdout_logfile={home / "logs" / name}.log
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups=1
"""
        )
    return "".join(parts)


class Supervisor:
    """The running supervisor of one cluster."""

    def __init__(self, spec: ClusterSpec) -> None:
        self._spec = spec

    @property
    def _rpc(self) -> Any:
        """A connection of its own for each call: one that failed once never recovers."""
        transport = SupervisorTransport(None, None, f"unix://{self._spec.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def running(self) -> bool:
        """Tell whether supervisor answers."""
        try:
            state = cast(dict[str, Any], self._rpc.getState())
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False
        return bool(state["statename"] == "RUNNING")

    def launch(self, configuration_file: Path) -> None:
        """Start supervisor in the background, detached from this terminal, and wait for it."""
        program = Path(sys.executable).with_name("supervisord")
        loop = f"until '{program}' -n -c '{configuration_file}'; do sleep 1; done"
        with (self._spec.home_dir / "logs/start.log").open("w") as log:
            subprocess.Popen(
                ["/bin/sh", "-c", loop],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        deadline = time.monotonic() + 20
        while not self.running():
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"supervisor does not answer; see {self._spec.home_dir / 'logs/start.log'}",
                    remedy="run `sslab cluster stop` and start again",
                )
            time.sleep(0.1)

    def stop(self, name: str) -> None:
        """Stop one process and wait for its end; one that does not run is fine."""
        try:
            self._rpc.stopProcess(name, True)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise

    def states(self) -> list[ProcessState]:
        """Return the state of each process."""
        return [
            ProcessState(
                str(info["name"]),
                str(info["statename"]),
                int(info["pid"]),
                max(0, int(info["now"]) - int(info["start"])),
            )
            for info in self._rpc.getAllProcessInfo()
        ]

    def shutdown(self) -> None:
        """Stop every process and supervisor itself, and wait until its socket is gone."""
        self._rpc.shutdown()
        deadline = time.monotonic() + 60
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.1)
