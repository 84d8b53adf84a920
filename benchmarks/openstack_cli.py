"""What Illinois' site makes on OpenStack: by `pulumi up`, and by OpenStack's own command line.

Both work on the cloud of the tests (docs/testing-openstack.md), which boots no machine, one after
the other in an empty project; what they leave there has to be the same.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

from sslab.cluster.kubeconfig import by_token
from sslab.paths import cache_dir
from sslab.site.cluster import OpenStackCluster
from sslab.site.loading import load_site
from tests.e2e.conftest import copied_clone
from tests.fleet.alone import Alone, alone
from tests.openstack.api import Api
from tests.openstack.cloud import Cloud

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "benchmarks/openstackclient.lock"
SITE = "illinois"
CLOUD = "ssl-illinois"
NAME = f"ssl-{SITE}"
NODES = "10.0.0.0/20"
OPEN_PORTS = (6443, 30080)


def measured(folder: Path, cloud: Cloud) -> dict[str, float]:
    """Return the seconds that each takes, and the ratios; the project is empty before and after."""
    file = folder / "clouds.yaml"
    file.write_text(cloud.clouds_yaml(CLOUD))
    own = {"XDG_STATE_HOME": str(folder / "state"), "OS_CLIENT_CONFIG_FILE": str(file)}
    with patch.dict(os.environ, own):
        return _compared(folder, Api(cloud))


def _compared(folder: Path, api: Api) -> dict[str, float]:
    site = _cluster_alone(folder)
    up = _timed(lambda: _pulumi(site, "up", "--yes", "--skip-preview"))
    made = _kinds(api)
    no_op = _timed(lambda: _pulumi(site, "up", "--yes", "--skip-preview", "--expect-no-changes"))
    destroy = _timed(lambda: _pulumi(site, "destroy", "--yes", "--skip-preview"))
    line = CommandLine(client(), folder)
    facts = load_site(site.clone / "sites" / f"{SITE}.yaml").cluster
    assert isinstance(facts, OpenStackCluster)
    create = _timed(lambda: line.make(facts))
    if _kinds(api) != made:
        sys.exit(f"not the same was made: {made} by Pulumi, {_kinds(api)} by openstack")
    delete = _timed(line.delete)
    if any(api.made().values()):
        sys.exit(f"openstack left {api.made()}")
    return {
        "pulumi up": up,
        "openstack ... create": create,
        "pulumi up / openstack ... create": up / create,
        "pulumi up, nothing to do": no_op,
        "pulumi destroy": destroy,
        "openstack ... delete": delete,
        "pulumi destroy / openstack ... delete": destroy / delete,
        "commands of openstack": line.count,
    }


def _kinds(api: Api) -> dict[str, list[str]]:
    """Return the names of what the project has; a floating address has none but its number."""
    made = api.made()
    return made | {"floatingips": [str(len(made["floatingips"]))]}


def _cluster_alone(folder: Path) -> Alone:
    """Return the stack of the cluster without the laboratory on it."""
    clone = copied_clone(folder)
    file = clone / "sites" / f"{SITE}.yaml"
    text = file.read_text()
    file.write_text(text.replace("external_network: null ", "external_network: public "))
    site = alone(clone, SITE)
    # no instance boots, so that nobody would answer at the address of its own
    elsewhere = by_token("https://192.0.2.1:6443", "PEM", "nobody's")
    _pulumi(site, "config", "set", "--secret", "kubeconfig", stdin=elsewhere)
    return site


def _pulumi(site: Alone, *words: str, stdin: str | None = None) -> None:
    done = site.pulumi(*words, stdin=stdin)
    if done.returncode != 0:
        sys.exit(f"pulumi {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def client() -> Path:
    """Return OpenStack's command line, installed into the cache under the hash of its lock."""
    key = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    home = cache_dir() / "benchmarks" / f"openstackclient-{key}"
    program = home / "bin/openstack"
    if not program.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", home], check=True)
        words = [uv, "pip", "sync", "--quiet", "--require-hashes"]
        subprocess.run([*words, "--python", home / "bin/python", LOCK], check=True)
    return program


class CommandLine:
    """A person who types one `openstack` command after the other."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.count = 0
        self._program = program
        self._user_data = folder / "user-data"
        self._user_data.write_text("#cloud-config\n")
        self._delete: list[tuple[str, ...]] = []

    def make(self, facts: OpenStackCluster) -> None:
        """Make network, router, security group, addresses and instances of a site's cluster."""
        external = str(facts.external_network)
        self("network", "create", NAME)
        self("subnet", "create", "--network", NAME, "--subnet-range", NODES, NAME)
        self("router", "create", "--external-gateway", external, NAME)
        self("router", "add", "subnet", NAME, NAME)
        self("security", "group", "create", NAME)
        rule = ("security", "group", "rule", "create", "--ingress")
        self(*rule, "--remote-group", NAME, "--protocol", "any", NAME)
        for port in OPEN_PORTS:
            self(*rule, "--protocol", "tcp", "--dst-port", str(port), NAME)
        address = self(
            *("floating", "ip", "create", external),
            *("--format", "value", "--column", "floating_ip_address"),
        ).strip()
        self._delete = [
            ("floating", "ip", "delete", address),
            ("router", "remove", "subnet", NAME, NAME),
            ("router", "delete", NAME),
            ("network", "delete", NAME),
            ("security", "group", "delete", NAME),
        ]
        for name, flavor in _nodes(facts):
            inside = ("--network", NAME, "--fixed-ip", f"subnet={NAME}", "--security-group", NAME)
            self("port", "create", *inside, name)
            if name.endswith("-control-plane"):
                self("floating", "ip", "set", "--port", name, address)
            self(
                *("server", "create", "--wait", "--image", str(facts.image), "--flavor", flavor),
                *("--port", name, "--user-data", str(self._user_data), name),
            )
            self._delete.insert(0, ("port", "delete", name))
            self._delete.insert(0, ("server", "delete", "--wait", name))

    def delete(self) -> None:
        """Delete all of it."""
        for words in self._delete:
            self(*words)

    def __call__(self, *words: str) -> str:
        """Run a command; stop when it fails."""
        self.count += 1
        done = subprocess.run(
            [self._program, "--os-cloud", CLOUD, *words],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"openstack {' '.join(words)}: {done.stderr[-2000:]}")
        return done.stdout


def _nodes(facts: OpenStackCluster) -> Iterator[tuple[str, str]]:
    """Yield name and flavor of each instance."""
    yield f"{NAME}-control-plane", facts.control_plane
    for pool in facts.node_pools:
        for number in range(pool.least):
            yield f"{NAME}-{pool.name}-{number}", pool.machine


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
