"""What an embedded cluster is made of, without starting one."""

from __future__ import annotations

import configparser
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sslab.cluster import configs, network
from sslab.cluster.errors import ClusterError
from sslab.cluster.lifecycle import Cluster, names, supported
from sslab.cluster.processes import commands, configuration
from sslab.cluster.shell import quiet, run
from sslab.cluster.spec import VERSION, ClusterSpec
from sslab.images.unpacked import Unpacked
from sslab.progress import Progress
from sslab.toolchain.programs import pinned_version

ROOT = Path(__file__).parents[3]
PROGRAMS = {
    name: Path("/tools") / name
    for name in (
        "containerd", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler",
        "kubelet", "kube-proxy", "coredns", "local-path-provisioner",
    )
}  # fmt: skip


@pytest.fixture
def spec(tmp_path: Path) -> ClusterSpec:
    return ClusterSpec("campus", 7, tmp_path / "clusters/campus", {8080: 30080})


def test_a_spec_survives_being_kept(spec: ClusterSpec, tmp_path: Path) -> None:
    spec.save()
    assert ClusterSpec.load(spec.home_dir) == spec
    assert names(tmp_path) == ["campus"]
    assert ClusterSpec.load(tmp_path / "nowhere") is None


def test_two_clusters_share_no_name_on_the_machine(spec: ClusterSpec) -> None:
    other = ClusterSpec("campus", 8, spec.home_dir.with_name("other"), {})
    assert {spec.namespace, spec.link, spec.address, str(spec.run_dir)}.isdisjoint(
        {other.namespace, other.link, other.address, str(other.run_dir)}
    )
    assert len(ClusterSpec("x" * 63, 254, spec.home_dir, {}).link) <= 15


def test_sockets_have_short_paths_whatever_the_folder_of_the_state() -> None:
    """A kubelet ends, again and again, where the path of its socket is too long for Linux."""
    deep = ClusterSpec("x" * 40, 254, Path("/home") / ("long" * 40) / "clusters/x", {})
    kubelet = commands(deep, PROGRAMS)["kubelet"]
    root = next(word for word in kubelet if word.startswith("--root-dir=")).partition("=")[2]
    for path in (
        deep.containerd_socket, deep.supervisor_socket, Path(root) / "pod-resources/4294967295",
    ):  # fmt: skip
        assert len(str(path)) <= 107


def test_every_process_dies_with_supervisor_and_starts_again(spec: ClusterSpec) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(configuration(spec, PROGRAMS))
    programs = [section for section in parser.sections() if section.startswith("program:")]
    assert {name.partition(":")[2] for name in programs} == {*PROGRAMS, "publish-8080"}
    for program in programs:
        assert parser[program]["command"].startswith("setpriv --pdeathsig KILL -- ")
        assert parser[program]["autorestart"] == "true"


def test_only_the_ingress_is_outside_the_clusters_network(spec: ClusterSpec) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(configuration(spec, PROGRAMS))
    outside = [
        section
        for section in parser.sections()
        if section.startswith("program:") and f"--net=/var/run/netns/{spec.namespace}"
        not in parser[section]["command"]
    ]  # fmt: skip
    assert outside == ["program:publish-8080"]
    command = parser["program:publish-8080"]["command"]
    assert "bind=127.0.0.1" in command
    assert command.endswith("TCP:10.89.7.2:30080")
    assert set(commands(spec, PROGRAMS)) == set(PROGRAMS)


def test_the_configuration_names_only_the_clusters_own_folders(spec: ClusterSpec) -> None:
    configs.write(spec, "ssl.local/pause:0123456789abcdef")
    kubelet = json.loads((spec.home_dir / "kubelet.yaml").read_text())
    assert kubelet["cgroupRoot"] == f"/{spec.namespace}"
    assert Path(kubelet["podLogsDir"]).is_relative_to(spec.home_dir)
    containerd = (spec.home_dir / "containerd.toml").read_text()
    assert str(spec.containerd_socket) in containerd
    assert "/var/lib/containerd" not in containerd
    assert 'sandbox_image = "ssl.local/pause:0123456789abcdef"' in containerd
    system = json.loads((spec.home_dir / "manifests/system.json").read_text())
    kinds = [item["kind"] for item in system["items"]]
    assert {"Service", "EndpointSlice", "StorageClass", "ClusterRoleBinding"} <= set(kinds)


def test_the_version_is_the_one_that_is_built() -> None:
    go_mod = ROOT / "toolchain/kubernetes/go.mod"
    assert pinned_version(go_mod, "k8s.io/kubernetes") == VERSION


@pytest.mark.parametrize(
    ("text", "usable"),
    [("nameserver 127.0.0.53\n", False), ("nameserver 192.0.2.1\n", True), ("search x\n", False)],
)
def test_pods_get_no_name_server_on_loopback(
    text: str, usable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(text)
    monkeypatch.setattr(configs, "RESOLV_CONFS", (file,))
    assert configs.resolv_conf() == (file if usable else None)


def test_a_busy_port_is_seen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert network.busy(taken.getsockname()[1])


def test_a_network_that_a_stopped_cluster_keeps_is_not_given_to_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {"link": '[{"ifname": "lo"}, {"ifname": "sslab1"}]', "route": "10.89.3.0/24 dev x"}
    monkeypatch.setattr(network, "run", lambda words: said[words[2]])
    assert network.free_index() == 2
    assert network.free_index({2}) == 4


def test_one_at_a_time_chooses_a_network() -> None:
    order = []

    def choose(name: str) -> None:
        with network.choosing():
            order.append(name)
            time.sleep(0.05)
            order.append(name)

    with ThreadPoolExecutor() as pool:
        list(pool.map(choose, "abc"))
    assert order[::2] == order[1::2]
    assert sorted(order[::2]) == list("abc")


def test_a_failed_program_is_told_in_its_own_words() -> None:
    with pytest.raises(ClusterError, match=r"nonesuch: No such|cannot access"):
        run(["ls", "/nonesuch"])
    with pytest.raises(ClusterError, match="program no-such-program is missing; `sslab doctor`"):
        run(["no-such-program"])
    assert quiet(["no-such-program"]) is False


def test_no_root_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert supported() is not None
    with pytest.raises(ClusterError, match=r"needs root.*; name a kubeconfig context"):
        Cluster(tmp_path, "local").start({}, "", Unpacked({}, tmp_path), {}, Progress())
    assert list(tmp_path.iterdir()) == []


def test_another_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert supported() == "an embedded cluster needs Linux, this is Darwin"
