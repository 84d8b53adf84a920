"""How the laboratory's cluster is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sslab.cluster.spec import ClusterSpec
from sslab.paths import state_dir
from sslab.site.cluster import ExistingCluster, LocalCluster
from sslab.site.model import Site


@dataclass(frozen=True)
class ClusterAccess:
    """A kubeconfig and the context in it; None is its current context."""

    kubeconfig: Path
    context: str | None


def embedded(site: Site) -> bool:
    """Tell whether the site runs on an embedded cluster of this machine."""
    return isinstance(site.cluster, LocalCluster) and site.cluster.context is None


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
