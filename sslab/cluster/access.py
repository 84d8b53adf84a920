"""How the laboratory's cluster is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sslab.cluster.spec import ClusterSpec
from sslab.errors import SslabError
from sslab.paths import state_dir
from sslab.site.cluster import ExistingCluster, GkeCluster, LocalCluster, OpenStackCluster
from sslab.site.model import Site


@dataclass(frozen=True)
class ClusterAccess:
    """A kubeconfig and the context in it; None is its current context."""

    kubeconfig: Path
    context: str | None


def embedded(site: Site) -> bool:
    """Tell whether the site runs on an embedded cluster of this machine."""
    return isinstance(site.cluster, LocalCluster) and site.cluster.context is None


def made_in_a_cloud(site: Site) -> bool:
    """Tell whether the laboratory makes the site's cluster with the account of a cloud."""
    return isinstance(site.cluster, GkeCluster | OpenStackCluster)


def require_known(site: Site) -> None:
    """Raise SslabError where a fact is null without which no cluster can be made in a cloud."""
    wanted = {GkeCluster: "project", OpenStackCluster: "external_network"}
    field = wanted.get(type(site.cluster))
    if field is not None and getattr(site.cluster, field) is None:
        raise SslabError(
            f"sites/{site.name}.yaml: cluster.{field}: is not known, and no cluster can be made "
            "without it",
            remedy="write it there",
        )


def kubeconfig(site: Site) -> ClusterAccess:
    """Return how to reach the site's cluster; nothing is contacted and no file needs to exist.

    A site that names no context is reached by a kubeconfig of its own, which is there only if the
    laboratory has made the cluster: never by whatever context happens to be the current one.
    """
    if site.context is None:
        return ClusterAccess(ClusterSpec.home(state_dir(), site.name) / "kubeconfig", None)
    if isinstance(site.cluster, ExistingCluster) and site.cluster.kubeconfig:
        return ClusterAccess(Path(site.cluster.kubeconfig).expanduser(), site.context)
    default = Path.home() / ".kube" / "config"
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return ClusterAccess(Path(first) if first else default, site.context)


def keep(site: Site, text: str) -> None:
    """Keep the kubeconfig of a cluster that was made where `kubeconfig` looks for it.

    `text` is what the stack has: a kubeconfig, or the path of one.
    """
    is_path = "\n" not in text and not text.lstrip().startswith("{")
    content = Path(text).expanduser().read_text() if is_path else text
    path = kubeconfig(site).kubeconfig
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(content)
