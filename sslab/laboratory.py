"""The main job: from a site file to a laboratory that has passed its smoke tests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from sslab.catalogue.charts import require_charts
from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import LAYER_NAMESPACES, guarded, namespace
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.monitoring import PROMETHEUS
from sslab.checks import run as checks
from sslab.checks.access import SiteAccess
from sslab.checks.inside import Inside, command
from sslab.checks.model import Check
from sslab.cluster.access import embedded, keep, kubeconfig, made_in_a_cloud
from sslab.cluster.lifecycle import Cluster, supported
from sslab.cluster.reachable import require_reachable
from sslab.drift.compare import counted, drifted_objects
from sslab.drift.healing import require_healed, to_heal
from sslab.drift.model import ObjectDrift
from sslab.engine import protecting, secrets_file, state
from sslab.engine.accounts import require_account, require_plugin
from sslab.engine.drift import not_deployed, refreshed
from sslab.engine.environment import environment, prepare
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.images import content
from sslab.images.unpacked import Unpacked
from sslab.kubernetes.unready import unready
from sslab.paths import cache_dir, state_dir
from sslab.pod_images import PodImages
from sslab.progress import Progress
from sslab.results.keeping import keep as keep_records
from sslab.results.record import now
from sslab.site.cluster import HpcSite
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.site.substrate import NodePorts
from sslab.toolchain import found, machine, sites
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import CLUSTER


class Laboratory:
    """One site's laboratory, as this clone describes it."""

    def __init__(self, repository: Path, name: str, progress: Progress) -> None:
        self.repository = repository
        self.progress = progress
        self.toolchain = Toolchain(repository / "toolchain", cache_dir())
        self.site: Site = load_site(repository / "sites" / f"{name}.yaml")
        self.cluster = Cluster(state_dir(), name)

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts of the patterns, by name."""
        return load_contracts(self.repository)

    @cached_property
    def images(self) -> PodImages:
        """The images of the site's pods."""
        return PodImages(self.repository, self.site, self.contracts, self.toolchain, self.progress)

    def require_cluster(self) -> None:
        """Raise SslabError where the site has no Kubernetes that the laboratory could use."""
        if isinstance(self.site.cluster, HpcSite):
            raise SslabError(
                f"{self.site.name} takes batch work only: nothing is deployed there",
                remedy="describe a Kubernetes cluster in `cluster`, where the site gets one",
            )

    def require_deployable(self) -> None:
        """Raise SslabError where the site is planned only, or cannot run on this machine."""
        self.require_cluster()
        if self.site.status == "planned":
            raise SslabError(
                f"{self.site.name} is planned: nothing is deployed there",
                remedy=f"set `status: active` in sites/{self.site.name}.yaml when it is ready",
            )
        reason = supported()
        if embedded(self.site) and reason:
            raise SslabError(
                reason,
                remedy=f"name a kubeconfig context (kind, k3d, Docker Desktop) as "
                f"`cluster.context` in sites/{self.site.name}.yaml",
            )
        require_account(self.site)
        state.place(self.site, self.repository)

    def require_answer(self) -> None:
        """Raise SslabError where a cluster that the site has already does not answer soon.

        One that Pulumi makes may not be there yet, or have to be mended by it.
        """
        self.require_cluster()
        if not embedded(self.site) and not made_in_a_cloud(self.site):
            require_reachable(self.site, self.kubectl_program())

    def kubectl_program(self) -> Path:
        """Return where kubectl is; it is built where there is none."""
        path = found.kubectl(self.toolchain)
        if not path.exists():
            wanted = [program for program in CLUSTER if program.name == path.name]
            self.toolchain.ensure(wanted, self.progress)
        return path

    def tools(self) -> None:
        """Get every tool that is missing. Raises SslabError where the site's charts are."""
        require_charts(self.site, self.contracts, self.repository)
        wanted = list(found.engine(self.toolchain)[1])
        if embedded(self.site):
            machine.ensure(self.progress)
            wanted = [*self.toolchain.missing(CLUSTER), *wanted]
            if self.site.registry.images is None:
                wanted += self.toolchain.missing(self.images.programs)
        wanted += self.toolchain.missing(sites.plugins(self.site))
        self.toolchain.ensure(wanted, self.progress)
        self.toolchain.ensure_charts(sites.charts(self.site))

    def start_cluster(self) -> bool:
        """Bring the embedded cluster up, with its pods' images; return whether it is new."""
        if not embedded(self.site):
            self.progress.line(
                "  Pulumi makes the cluster"
                if made_in_a_cloud(self.site)
                else f"  using the cluster of the kubeconfig context {self.site.context}"
            )
            return False
        new = not (self.cluster.home / "etcd" / "member").exists()
        programs, _ = found.cluster(self.toolchain)
        ours = [] if self.site.registry.images else self.images.names
        archives = self.images.built(["pause", *ours], programs["pause"])
        self.cluster.start(
            programs,
            content.reference(self.repository, "pause"),
            Unpacked(archives, cache_dir()),
            self._published(),
            self.progress,
            self.site.cni.cluster_domain,
        )
        return new

    def _published(self) -> dict[int, int]:
        """Return which node port the embedded cluster brings to which port on loopback."""
        reached, balancing = self.site.reached, self.site.load_balancing
        if reached is None or not isinstance(balancing, NodePorts):
            return {}
        return {self.site.port: balancing.https if reached.tls else balancing.http}

    def engine(self) -> None:
        """Get Pulumi where it is missing."""
        self.toolchain.ensure(found.engine(self.toolchain)[1], self.progress)

    def stack(self) -> Stack:
        """Return the site's stack, as it is. Raises SslabError where there can be none."""
        self.require_cluster()
        return Stack(self.repository, self.site, self.environment())

    def environment(self) -> dict[str, str]:
        """Return the environment of Pulumi for the site, with everything in place that it names."""
        file = secrets_file.path(self.repository, self.site.name)
        encrypted = secrets_file.provider(file) is not None
        return prepare(self.site, self.toolchain, encrypted=encrypted)

    def up(
        self, *, interactive: bool, address: str | None = None, heal: bool = False
    ) -> tuple[Check, ...]:
        """Do the main job and return what the smoke tests found, as `check` makes them.

        `heal` shows what has drifted and puts it back as well.
        """
        self.require_deployable()
        self.progress.line("Tools")
        self.require_answer()
        self.tools()
        require_plugin(self.site, environment(self.site, self.toolchain))
        stack = self.stack()
        inventory = stack.inventory()  # a state that cannot be read is told before anything is made
        protecting.require_unchanged(self.repository, self.site, inventory)
        self.progress.line("Cluster")
        new = self.start_cluster()
        if self.site.registry.images is not None:
            self.progress.line("Images")
            self.images.push()
        elif not embedded(self.site):
            self.progress.line("Images")
            self.progress.line(
                f"  sites/{self.site.name}.yaml names no registry.images: none are pushed, and "
                "pods run only where the nodes have them already (docs/cluster.md says how)"
            )
        self.progress.line("Deployment")
        stack.ensure()
        drifted = to_heal(self.drift, self.progress) if heal else ()
        stack.unprotect(protecting.let_go(self.site, inventory))
        try:
            stack.up(refresh=new or heal, interactive=interactive)
        except EngineError:
            self._tell_unready()
            raise
        if made_in_a_cloud(self.site):
            keep(self.site, stack.outputs()["kubeconfig"])
        stack.settle(self.kubectl())
        require_healed(drifted, self.drift, self.progress)
        self.progress.line("Smoke tests")
        return self.check(address)

    def check(self, address: str | None = None) -> tuple[Check, ...]:
        """Run the smoke tests: at an address, else at that of a cluster which is made, else by DNS.

        Raises SslabError where nothing runs that could be tested.
        """
        self.require_answer()
        self._require_running()
        began = now()
        values = self.stack().secret_values()
        if made_in_a_cloud(self.site):
            if "kubeconfig" in values:
                keep(self.site, values["kubeconfig"])
            require_reachable(self.site, self.kubectl_program())
            address = address or values.get("address")
        if address is not None and self.site.reached is not None:
            self.progress.line(f"  at {address}, where *.{self.site.reached.domain} has to lead")
        kubectl = self.kubectl()
        access = SiteAccess(self.site, values, address, self._inside(kubectl))
        found = checks.run(self.repository, access, self.contracts, kubectl)
        for missing in keep_records(access, found, began):
            self.progress.line(f"  {missing}")
        return found

    def objects(self, address: str | None = None) -> SiteAccess:
        """Return the door to the site's object storage. Raises SslabError where nothing runs."""
        self.require_cluster()
        file = secrets_file.path(self.repository, self.site.name)
        if self.site.status == "planned" or secrets_file.provider(file) is None:
            raise SslabError(f"nothing is deployed at {self.site.name} by this clone")
        self._require_running()
        values = self.stack().secret_values()
        return SiteAccess(self.site, values, address or values.get("address"))

    def kubectl(self) -> list[str]:
        """Return the beginning of every kubectl command for the site's cluster."""
        return command(self.kubectl_program(), kubeconfig(self.site))

    def drift(self) -> tuple[ObjectDrift, ...]:
        """Return what differs from what was deployed; nothing is changed.

        Raises SslabError where that is not known, within seconds where the cluster does not answer.
        """
        self.require_deployable()
        self._require_running()
        if not made_in_a_cloud(self.site):
            require_reachable(self.site, self.kubectl_program())
        wanted = self.toolchain.missing(sites.plugins(self.site))
        self.toolchain.ensure([*found.engine(self.toolchain)[1], *wanted], self.progress)
        require_plugin(self.site, environment(self.site, self.toolchain))
        if made_in_a_cloud(self.site):
            outputs = self.stack().outputs()
            if "kubeconfig" not in outputs:
                raise not_deployed(self.site)
            keep(self.site, outputs["kubeconfig"])
            require_reachable(self.site, self.kubectl_program())
        events = refreshed(self.repository, self.site, self.environment())
        if not counted(events):
            raise not_deployed(self.site)
        return drifted_objects(events)

    def _tell_unready(self) -> None:
        """Tell which pods are not ready and why: Pulumi names those only that it waited for."""
        own = (*LAYER_NAMESPACES.values(), *self.site.patterns)
        homes = sorted({namespace(self.site, each) for each in own})
        if lines := list(unready(self.kubectl(), homes)):
            self.progress.line("\n  ".join(["Pods that are not ready", *lines]))

    def _require_running(self) -> None:
        """Raise SslabError where the site's embedded cluster does not run."""
        if embedded(self.site) and not self.cluster.states():
            raise SslabError(
                f"the cluster {self.site.name} does not run",
                remedy=f"`sslab up {self.site.name}` brings it up",
            )

    def _inside(self, kubectl: list[str]) -> dict[str, Inside]:
        """Return how what is not open to everybody is reached: behind a login, or the metrics."""
        homes = {name: name for name in guarded(self.site, self.contracts)}
        if self.site.monitoring.mode == "own":
            homes[PROMETHEUS] = LAYER_NAMESPACES["Monitoring"]
        return {
            name: Inside(kubectl, namespace(self.site, home), name) for name, home in homes.items()
        }

    def remove(self) -> None:
        """Delete the embedded cluster with its data and forget its stack."""
        self.cluster.delete()
        self.stack().remove()
