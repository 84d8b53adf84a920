"""A cluster's network: a namespace of its own, a cable to the host, a way out.

On the host it makes one veth interface and four iptables rules that carry the cluster's name as a
comment: pods may reach what the host reaches, but no other embedded cluster, and nothing of the
host is reachable anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.cluster.errors import ClusterError
from sslab.cluster.shell import quiet, run
from sslab.cluster.spec import ClusterSpec

NETNS = Path("/var/run/netns")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
OTHERS = "sslab+"
"""The cables of all clusters, as iptables writes it."""


def up(spec: ClusterSpec) -> None:
    """Make the namespace, the cable and the rules; what is there already stays as it is."""
    if not (NETNS / spec.namespace).exists():
        run(["ip", "netns", "add", spec.namespace])
    if not quiet(["ip", "link", "show", spec.link]):
        inside = f"{spec.link}n"  # renamed inside: a host may have an eth0 of its own
        run(["ip", "link", "add", spec.link, "type", "veth", "peer", "name", inside])
        run(["ip", "link", "set", inside, "netns", spec.namespace])
        within = ["ip", "-n", spec.namespace]
        run([*within, "link", "set", inside, "name", "eth0"])
        run([*within, "address", "add", f"{spec.address}/24", "dev", "eth0"])
        run([*within, "link", "set", "eth0", "up"])
        run([*within, "link", "set", "lo", "up"])
        run(["ip", "address", "add", f"{spec.gateway}/24", "dev", spec.link])
        run(["ip", "link", "set", spec.link, "up"])
        run([*within, "route", "add", "default", "via", spec.gateway])
    quiet(["modprobe", "br_netfilter"])  # built in on some kernels
    run([*inside_of(spec), "sysctl", "-qw", "net.ipv4.ip_forward=1"])
    quiet([*inside_of(spec), "sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1"])
    if FORWARDING.read_text().strip() == "0":
        (spec.home_dir / "forwarding-was-off").touch()
        FORWARDING.write_text("1")
    for table, chain, rule in _rules(spec):
        if not quiet(["iptables", "-w", "-t", table, "-C", chain, *rule]):
            run(["iptables", "-w", "-t", table, "-I", chain, *rule])


def pod_namespaces(spec: ClusterSpec) -> set[str]:
    """Return the names of the network namespaces that containerd made for the cluster's pods."""
    found: set[str] = set()
    for bundle in (spec.run_dir / "containerd").glob("*/k8s.io/*/config.json"):
        namespaces = json.loads(bundle.read_text()).get("linux", {}).get("namespaces", [])
        paths = [Path(entry["path"]) for entry in namespaces if entry.get("path")]
        found.update(path.name for path in paths if path.name.startswith("cni-"))
    return found


def down(spec: ClusterSpec, pods: set[str]) -> None:
    """Remove what `up` made, and the namespaces of the pods; what is gone already is fine."""
    for pod in pods:
        quiet(["ip", "netns", "delete", pod])
    for table, chain, rule in _rules(spec):
        while quiet(["iptables", "-w", "-t", table, "-D", chain, *rule]):
            pass
    quiet(["ip", "link", "delete", spec.link])
    quiet(["ip", "netns", "delete", spec.namespace])
    marker = spec.home_dir / "forwarding-was-off"
    if marker.exists() and not any(_indices()):
        FORWARDING.write_text("0")
    marker.unlink(missing_ok=True)


def inside_of(spec: ClusterSpec) -> list[str]:
    """Return the words that run a program inside the cluster's network.

    `ip netns exec` would remount /sys and hide the cgroups from the kubelet.
    """
    return ["nsenter", f"--net={NETNS / spec.namespace}", "--"]


@contextmanager
def choosing() -> Iterator[None]:
    """Let nobody else on this machine choose a number, until the cable of this one is plugged in.

    The lock is on a folder that is always there: a file of its own would stay behind.
    """
    folder = os.open("/run", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def free_index(kept: Iterable[int] = ()) -> int:
    """Return a number whose network nobody on this machine uses, and that is none of `kept`."""
    taken = {*_indices(), *kept}
    routes = run(["ip", "-4", "route", "show"])
    for index in range(1, 255):
        if index not in taken and f"10.89.{index}." not in routes:
            return index
    raise ClusterError(
        "all 254 networks for embedded clusters are in use",
        remedy="delete a cluster: `sslab cluster list` shows them",
    )


def busy(port: int) -> bool:
    """Tell whether something listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _indices() -> Iterator[int]:
    """Yield the numbers of the clusters whose cable is plugged in."""
    for link in json.loads(run(["ip", "-json", "link", "show"]) or "[]"):
        name = link.get("ifname", "")
        if name.startswith("sslab") and name[5:].isdigit():
            yield int(name[5:])


def _rules(spec: ClusterSpec) -> tuple[tuple[str, str, list[str]], ...]:
    said = ["-m", "comment", "--comment", spec.namespace]
    return (
        ("nat", "POSTROUTING",
         ["-s", spec.network, "!", "-o", spec.link, *said, "-j", "MASQUERADE"]),
        # in whichever order the rules of several clusters stand, none lets one reach another
        ("filter", "FORWARD", ["-i", spec.link, "-o", OTHERS, *said, "-j", "REJECT"]),
        ("filter", "FORWARD", ["-i", spec.link, "!", "-o", OTHERS, *said, "-j", "ACCEPT"]),
        ("filter", "FORWARD", ["-o", spec.link, "!", "-i", OTHERS, *said, "-j", "ACCEPT"]),
    )  # fmt: skip
