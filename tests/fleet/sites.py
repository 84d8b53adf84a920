"""Bringing several sites up, each on an embedded cluster that stands for its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sslab.catalogue.layers import bucket_name, images_of
from sslab.catalogue.loading import load_contracts
from sslab.cluster.spec import ClusterSpec
from sslab.site.loading import load_site
from sslab.site.model import Site
from tests.charts import MIRROR, TAGS_ALONE
from tests.clusters import embedded_cluster
from tests.e2e.conftest import Lab
from tests.fleet import clouds, staff
from tests.gcp_provider import cloud as google
from tests.gcp_provider.installing import install
from tests.openstack.cloud import Cloud

T = TypeVar("T")

STORE_PORT = 9000
AT_ONCE = 2
"""How many sites come up at the same time: as many as the machine has cores."""

TENANT = "nyu-tenant"
ON_CLUSTERS = ("chicago", "nyu", "sdsc", TENANT)
"""The founding sites that have a Kubernetes cluster or a namespace, and a tenant copy of NYU."""

IN_CLOUDS = ("illinois", "gke")
"""The founding sites whose clusters are made in a cloud."""

TENANT_OF_NYU = {
    "name: nyu\n": f"name: {TENANT}\n",
    "context: ssl-nyu ": f"context: ssl-{TENANT} ",
    "  scope: cluster ": "  scope: namespace\n  namespaces: [ssl]\n",
    "  kind: traefik ": "  kind: class\n  class_name: nginx ",
    "  class_name: ssl\n": "",
    "  port: 30080 ": "  port: 80 ",
    "  kind: node-ports\n  http: 30080\n": "  kind: none\n",
    "domain: nyu.": "domain: nyu-tenant.",
}


@dataclass(frozen=True)
class Place:
    """A site, the cluster that it is on, and the end of the variables of its commands."""

    site: Site
    spec: ClusterSpec
    environment: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig of the cluster, which the laboratory does not see."""
        return self.spec.kubeconfig

    @property
    def at(self) -> tuple[str, ...]:
        """The words that say where the smoke tests reach the services, which no DNS knows."""
        return ("--address", self.address) if self.address else ()


@dataclass
class Fleet:
    """A copy of the clone, and the sites that come up from it.

    `variables` are the end of the environment of every command, `google` the folder of the cloud
    that stands in for Google's.
    """

    lab: Lab
    variables: Mapping[str, str]
    google: Path
    places: dict[str, Place] = field(default_factory=dict)

    def sslab(self, site: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an `sslab` command about a site."""
        return self._run(site, ".venv/bin/sslab", *words)

    def pulumi(
        self, site: str, *words: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run plain Pulumi on a site's stack, as its page says."""
        script = f'eval "$(.venv/bin/sslab env {site})" && exec pulumi "$@"'
        stack = ("--stack", site, "--non-interactive", "--color", "never")
        return self._run(site, "bash", "-c", script, "pulumi", *words, *stack, stdin=stdin)

    def up(self, site: str) -> subprocess.CompletedProcess[str]:
        """Bring a site up as its staff does."""
        return self.sslab(site, "up", site, "--yes", *self.places[site].at)

    def check(self, site: str) -> list[dict[str, Any]]:
        """Return the checks of a site that is up."""
        done = self.sslab(site, "check", site, "--format", "json", *self.places[site].at)
        assert done.stdout.startswith("{"), done.stderr
        checks: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
        return checks

    def at_once(self, work: Callable[[str], T]) -> dict[str, T]:
        """Return what `work` says of each site, by its name; it runs for several at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(self.places, pool.map(work, self.places), strict=True))

    def _run(
        self, site: str, *words: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        place = self.places.get(site)
        return subprocess.run(
            words,
            cwd=self.lab.clone,
            env={
                **self.lab.environment,
                **self.variables,
                **(place.environment if place else {}),
            },
            input=stdin or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )


@contextmanager
def fleet(lab: Lab, folder: Path, openstack: Cloud | None, names: Sequence[str]) -> Iterator[Fleet]:
    """Prepare sites, each on a cluster that runs; nothing of the laboratory is deployed yet.

    `openstack` is the cloud that Illinois takes.
    """
    contexts = folder / "kubeconfig"
    clouds_yaml = folder / "clouds.yaml"
    if openstack is not None:
        clouds_yaml.write_text(openstack.clouds_yaml("ssl-illinois"))
    variables = {
        "KUBECONFIG": str(contexts),
        "OS_CLIENT_CONFIG_FILE": str(clouds_yaml),
        "GOOGLE_OAUTH_ACCESS_TOKEN": "of-nobody",
    }
    made = Fleet(lab, variables, folder / "google")
    _adapt(lab.clone)
    with ExitStack() as stack:
        specs = stack.enter_context(_clusters(lab.clone, folder, names))
        for name, spec in specs.items():
            made.places[name] = Place(_site(lab.clone, name), spec, address=spec.address)
        tokens = _tenants(made)
        contexts.touch(mode=0o600)
        contexts.write_text(
            staff.joined(
                {
                    f"ssl-{name}": (place.kubeconfig, tokens.get(name))
                    for name, place in made.places.items()
                }
            )
        )
        if "chicago" in names:
            _chicago(made, folder, stack)
        if "gke" in names:
            _google(made, stack)
        in_clouds = [name for name in IN_CLOUDS if name in names]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(partial(_take_kubeconfig, made), in_clouds))
        yield made


def _adapt(clone: Path) -> None:
    """Change in the site files what is not known yet, and what an embedded cluster lacks."""
    _write_tenant(clone)
    # the published chart is not reached; its images, like those of the one that stands for it,
    # have no digests
    mirror = f"charts: {{mirror: {MIRROR}}}\n{TAGS_ALONE}identity:\n"
    _rewrite(
        clone,
        "illinois",
        {"external_network: null ": "external_network: public ", "identity:\n": mirror},
    )
    # the embedded node has two cores, of which the patterns' requests leave the system too little
    _rewrite(clone, "sdsc", {"{cpu: 2, cpu_limit: 2}": "{cpu: 1, cpu_limit: 1}"})


def _site(clone: Path, name: str) -> Site:
    return load_site(clone / "sites" / f"{name}.yaml")


@contextmanager
def _clusters(clone: Path, folder: Path, names: Sequence[str]) -> Iterator[dict[str, ClusterSpec]]:
    """Run the clusters of sites; several start, and go away, at a time."""
    running: list[ExitStack] = []

    def start(name: str) -> ClusterSpec:
        own = ExitStack()
        running.append(own)
        return own.enter_context(_cluster(clone, folder, name))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield dict(zip(names, pool.map(start, names), strict=True))
        finally:
            list(pool.map(ExitStack.close, running))


@contextmanager
def _cluster(clone: Path, folder: Path, name: str) -> Iterator[ClusterSpec]:
    """Run the cluster of a site, with the images that its nodes would pull."""
    site = _site(clone, name)
    images = {*images_of(site, load_contracts(clone)), "traefik", "seaweedfs"}
    with embedded_cluster(folder, name, sorted(images), site.cni.cluster_domain) as spec:
        yield spec


def _rewrite(clone: Path, name: str, changes: Mapping[str, str]) -> None:
    """Replace texts in a site file, each of which has to be there."""
    file = clone / "sites" / f"{name}.yaml"
    text = file.read_text()
    for old, new in changes.items():
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new)
    file.write_text(text)


def _write_tenant(clone: Path) -> None:
    """Write the file of somebody who has one namespace at NYU."""
    (clone / f"sites/{TENANT}.yaml").write_text((clone / "sites/nyu.yaml").read_text())
    _rewrite(clone, TENANT, TENANT_OF_NYU)


def _tenants(made: Fleet) -> dict[str, str]:
    """Do what the staff does for tenants; return the tokens of their accounts."""
    tokens = {}
    for name, class_name in (("sdsc", "haproxy"), (TENANT, "nginx")):
        if name not in made.places:
            continue
        place = made.places[name]
        quota = place.site.quota
        assert quota is not None
        staff.ingress_controller(place.kubeconfig, class_name)
        limits = {"requests.cpu": quota.cpu, "requests.memory": quota.memory}
        limits["pods"] = str(quota.pods)
        (namespace,) = place.site.privilege.namespaces
        tokens[name] = staff.tenant(place.kubeconfig, namespace, limits)
    return tokens


def _chicago(made: Fleet, folder: Path, stack: ExitStack) -> None:
    """Offer Rook's volumes and cert-manager's certificates, whose authority is trusted."""
    place = made.places["chicago"]
    storage = place.site.storage
    assert storage is not None
    assert storage.rwo_class is not None
    staff.storage_class(place.kubeconfig, storage.rwo_class)
    authority = stack.enter_context(clouds.issuer(place.kubeconfig, folder / "authority"))
    trusted = {"SSL_CERT_FILE": str(authority)}
    made.places["chicago"] = Place(place.site, place.spec, trusted, place.address)


def _google(made: Fleet, stack: ExitStack) -> None:
    """Stand in for Google: the provider, its load balancer, its object storage."""
    place = made.places["gke"]
    endpoint = f"http://{place.spec.address}:{STORE_PORT}"
    _rewrite(
        made.lab.clone,
        "gke",
        {
            "project: null ": "project: paying ",
            "  kind: gcs\n": f"  kind: gcs\n  endpoint: {endpoint}\n",
        },
    )
    site = _site(made.lab.clone, "gke")
    install(made.lab.state / "sslab" / "pulumi", made.google)
    keys = {
        bucket_name(site, bucket): google.hmac_key(f"storage/hmacKey/{bucket}")
        for bucket in site.buckets
    }
    clouds.object_store(place.kubeconfig, keys, STORE_PORT)
    stack.enter_context(clouds.balancer(place.kubeconfig))
    # goes with the cluster's interface
    route = ("ip", "route", "add", google.ADDRESS, "via", place.spec.address)
    subprocess.run(route, check=True)
    made.places["gke"] = Place(site, place.spec)


def _take_kubeconfig(made: Fleet, name: str) -> None:
    """Put an embedded cluster in the place of the nodes, which the cloud does not boot."""
    ready = made.sslab(name, "secrets", "init", name)
    assert ready.returncode == 0, ready.stderr
    kubeconfig = made.places[name].kubeconfig.read_text()
    done = made.pulumi(name, "config", "set", "--secret", "kubeconfig", stdin=kubeconfig)
    assert done.returncode == 0, done.stderr
