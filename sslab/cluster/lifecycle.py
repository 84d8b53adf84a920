"""Starting, stopping and deleting an embedded cluster."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from sslab.cluster import cgroups, configs, leftovers, network
from sslab.cluster.errors import ClusterError
from sslab.cluster.processes import ProcessState, Supervisor, configuration
from sslab.cluster.shell import attempt, run
from sslab.cluster.spec import CLUSTER_DOMAIN, ClusterSpec
from sslab.progress import Progress

READY_S = 120.0
GRACE_S = 10.0
STEADY_S = 30  # a process that is younger after READY_S has ended since
CNI_RESULTS = Path("/var/lib/cni/results")
POD_LOG_LINKS = Path("/var/log/containers")


def supported() -> str | None:
    """Return why this machine cannot run an embedded cluster, None where it can."""
    if platform.system() != "Linux":
        return f"an embedded cluster needs Linux, this is {platform.system()}"
    if os.geteuid() != 0:
        return "an embedded cluster needs root: it makes network namespaces and mounts"
    return None


class Images(Protocol):
    """The images that a cluster's pods run."""

    def unpack(self, root: Path) -> None:
        """Put them into containerd's folder `root` where that does not exist yet, if it can be."""

    def load(self, address: Path) -> None:
        """Load what is missing into the containerd that answers at a socket."""


class Cluster:
    """One embedded cluster of this machine, by name."""

    def __init__(self, state: Path, name: str) -> None:
        self.home = ClusterSpec.home(state, name)
        self.name = name
        self._lock = FileLock(state / "clusters" / f".{name}.lock")

    @property
    def spec(self) -> ClusterSpec | None:
        """What is known of the cluster; None if it does not exist."""
        return ClusterSpec.load(self.home)

    def states(self) -> list[ProcessState]:
        """Return its processes; empty when it is stopped or does not exist."""
        spec = self.spec
        if spec is None or not spec.supervisor_socket.exists():
            return []
        supervisor = Supervisor(spec)
        return supervisor.states() if supervisor.running() else []

    def running(self) -> bool:
        """Tell whether every process runs."""
        states = self.states()
        return bool(states) and all(state.state == "RUNNING" for state in states)

    def start(
        self,
        programs: Mapping[str, Path],
        pause_image: str,
        images: Images,
        publish: Mapping[int, int],
        progress: Progress,
        domain: str = CLUSTER_DOMAIN,
    ) -> ClusterSpec:
        """Bring the cluster up and wait until its node is ready.

        `publish` maps loopback ports to node ports. Full names of Services end in `domain`. A
        cluster that runs as it should is left as it is. Raises ClusterError.
        """
        reason = supported()
        if reason:
            raise ClusterError(
                reason, remedy="name a kubeconfig context in the site file: `cluster.context`"
            )
        self._lock_folder()
        with self._lock:
            known = self.spec
            if known is not None:
                spec = ClusterSpec(self.name, known.index, self.home, publish, domain)
                if known == spec and self._runs_as(configuration(spec, programs)):
                    images.load(spec.containerd_socket)
                    return spec
                self._stop(known)
            self._require_free(publish)
            index = known.index if known else self._new_index()
            spec = ClusterSpec(self.name, index, self.home, publish, domain)
            wanted = configuration(spec, programs)
            try:
                self._bring_up(spec, programs, pause_image, wanted, images, progress)
            except BaseException:
                self._stop(spec)  # nothing half-made stays; what is on disk is used again
                raise
        return spec

    def _runs_as(self, wanted: str) -> bool:
        """Tell whether every process runs, with this configuration of supervisor's."""
        file = self.home / "supervisord.conf"
        return file.exists() and file.read_text() == wanted and self.running()

    def _require_free(self, ports: Iterable[int]) -> None:
        """Raise ClusterError where another program has one of the ports."""
        for port in ports:
            if network.busy(port):
                raise ClusterError(
                    f"port {port} of this machine is in use by another program",
                    remedy=f"end that program (`ss -ltnp 'sport = :{port}'` shows it) or "
                    f"choose another `ingress.port` in sites/{self.name}.yaml",
                )

    def _new_index(self) -> int:
        """Take a network that nobody uses; two clusters that start at once get two."""
        state = self.home.parents[1]
        specs = (Cluster(state, name).spec for name in names(state))
        self.home.mkdir(parents=True, exist_ok=True)
        with network.choosing():
            index = network.free_index({spec.index for spec in specs if spec is not None})
            taken = ClusterSpec(self.name, index, self.home)
            try:
                network.up(taken)
            except BaseException:
                network.down(taken, set())
                raise
        return index

    def _lock_folder(self) -> None:
        self.home.parent.mkdir(parents=True, exist_ok=True)

    def _bring_up(
        self,
        spec: ClusterSpec,
        programs: Mapping[str, Path],
        pause_image: str,
        wanted: str,
        images: Images,
        progress: Progress,
    ) -> None:
        spec.save()
        with progress.step(f"cluster {spec.name}: network and certificates"):
            network.up(spec)
            cgroups.up(spec)
            spec.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            configs.write(spec, pause_image)
            spec.kubelet_dir.unlink(missing_ok=True)
            spec.kubelet_dir.symlink_to(spec.home_dir / "kubelet")
            _certificates(spec, programs["kubeadm"])
        (self.home / "supervisord.conf").write_text(wanted)
        supervisor = Supervisor(spec)
        with progress.step(f"cluster {spec.name}: images"):
            images.unpack(spec.images)
            supervisor.launch(self.home / "supervisord.conf")
            containerd = ["ctr", "--address", str(spec.containerd_socket), "version"]
            _wait(lambda: attempt(containerd), "containerd does not answer", spec)
            images.load(spec.containerd_socket)
        administrator = self.home / "kubeconfigs/super-admin.conf"  # has rights from the start
        kubectl = [str(programs["kubectl"]), f"--kubeconfig={administrator}"]
        system = str(self.home / "manifests/system.json")
        apply = [*kubectl, "apply", "--server-side", "--force-conflicts", "-f", system]
        with progress.step(f"cluster {spec.name}: API server"):
            ready = [*kubectl, "get", "--raw", "/readyz"]
            _wait(lambda: attempt(ready), "the API server is not ready", spec)
            _wait(lambda: attempt(apply), "the system's objects cannot be created", spec)
        with progress.step(f"cluster {spec.name}: node"):
            node = [*kubectl, "wait", "--for=condition=Ready", f"node/{spec.node}", "--timeout=1s"]
            _wait(lambda: attempt(node), "the node is not ready", spec)
            # made by the controllers: before they work, no namespace takes a pod
            account = [*kubectl, "get", "serviceaccount", "default", "--namespace=default"]
            _wait(lambda: attempt(account), "the controllers do not work", spec)
            _wait(self._not_running, "not every process runs", spec)

    def _not_running(self) -> str | None:
        """Return which processes do not run, None where all do."""
        broken = [f"{one.name} {one.state}" for one in self.states() if one.state != "RUNNING"]
        return ", ".join(broken) or None

    def stop(self) -> None:
        """End every process of the cluster and undo what it made on the machine; data stays."""
        self._lock_folder()
        with self._lock:
            spec = self.spec
            if spec is not None:
                self._stop(spec)

    def delete(self) -> None:
        """Stop the cluster and remove everything it kept, its data as well."""
        self.stop()
        with self._lock:
            if self.home.exists():
                shutil.rmtree(self.home)
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def _stop(self, spec: ClusterSpec) -> None:
        supervisor = Supervisor(spec)
        pods = network.pod_namespaces(spec)
        if spec.supervisor_socket.exists() and supervisor.running():
            supervisor.stop("kubelet")  # else it would start the pods again
            cgroups.end(spec, GRACE_S)
            supervisor.shutdown()
        cgroups.end(spec, 0)
        leftovers.end_stragglers(spec)
        leftovers.unmount(spec)
        network.down(spec, pods)
        cgroups.down(spec)
        shutil.rmtree(spec.run_dir, ignore_errors=True)
        for link in POD_LOG_LINKS.glob("*.log"):
            if link.is_symlink() and link.readlink().is_relative_to(spec.home_dir):
                link.unlink(missing_ok=True)
        for result in CNI_RESULTS.glob(f"{spec.namespace}-*"):
            result.unlink(missing_ok=True)


def names(state: Path) -> list[str]:
    """Return the names of the clusters that exist on this machine for this user."""
    return sorted(path.parent.name for path in (state / "clusters").glob("*/cluster.json"))


def _certificates(spec: ClusterSpec, kubeadm: Path) -> None:
    """Make the certificates and kubeconfigs where they are missing; kubeadm keeps valid ones."""
    inside = network.inside_of(spec)
    config = f"--config={spec.home_dir / 'kubeadm.yaml'}"
    folder = spec.home_dir / "kubeconfigs"
    run([*inside, kubeadm, "init", "phase", "certs", "all", config])
    run([*inside, kubeadm, "init", "phase", "kubeconfig", "all", config,
         f"--kubeconfig-dir={folder}"])  # fmt: skip
    text = (folder / "admin.conf").read_text()
    user_context = f"kubernetes-admin@sslab-{spec.name}"
    spec.kubeconfig.touch(mode=0o600)
    spec.kubeconfig.write_text(text.replace(user_context, f"sslab-{spec.name}"))


def _wait(problem: Callable[[], str | None], what: str, spec: ClusterSpec) -> None:
    """Wait until there is no problem any more."""
    deadline = time.monotonic() + READY_S
    while (said := problem()) is not None:
        if time.monotonic() > deadline:
            raise ClusterError(
                f"cluster {spec.name}: {what} after {READY_S:.0f} s: {said}",
                remedy=f"{_last_words(spec)}the logs in {spec.home_dir / 'logs'} say why; then "
                "run again",
            )
        time.sleep(0.2)


def _last_words(spec: ClusterSpec) -> str:
    """Return the last error in the log of each process that ends again and again."""
    said = ""
    for state in Cluster(spec.home_dir.parents[1], spec.name).states():
        if state.since_s < STEADY_S:
            log = spec.home_dir / f"logs/{state.name}.log"
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            last = [line for line in lines if line.startswith(("E", "F"))][-1:] or lines[-1:]
            said += "".join(f"{state.name} ended: {line[:500]}; " for line in last)
    return said
