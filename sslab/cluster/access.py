"""How the laboratory's cluster is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sslab.cluster.spec import ClusterSpec
from sslab.paths import state_dir
from sslab.site.model import LocalCluster, Site


@dataclass(frozen=True)
class ClusterAccess:
    """A kubeconfig and the context in it; None is its current context."""

    kubeconfig: Path
    context: str | None


def embedded(site: Site) -> bool:
    """Tell whether the site runs on an embedded cluster of this machine."""
    return isinstance(site.cluster, LocalCluster) and site.cluster.context is None


def kubeconfig(site: Site) -> ClusterAccess:
    """Return how to reach the site's cluster; nothing is contacted and no file needs to exist."""
    if embedded(site):
        return ClusterAccess(ClusterSpec.home(state_dir(), site.name) / "kubeconfig", None)
    default = Path.home() / ".kube" / "config"
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return ClusterAccess(Path(first) if first else default, site.cluster.context)
