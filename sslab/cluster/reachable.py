"""Whether a site's cluster answers: asked before anything that would wait for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sslab.cluster.access import ClusterAccess, embedded, kubeconfig, made_in_a_cloud
from sslab.cluster.errors import ClusterError
from sslab.site.cluster import ExistingCluster
from sslab.site.model import Site

ANSWER_S = 5
LOGIN_S = 20.0
"""A program that the kubeconfig names may log in first."""

UNKNOWN_TO_IT = ("must be logged in", "Unauthorized", "getting credentials", "provide credentials")


def require_reachable(site: Site, kubectl: Path) -> None:
    """Raise ClusterError where a site's cluster does not answer within seconds, or not to us.

    Only its version is asked for, which every account may know.
    """
    access = kubeconfig(site)
    field = f"sites/{site.name}.yaml: {'cluster' if made_in_a_cloud(site) else 'cluster.context'}"
    if access.context is None and not (made_in_a_cloud(site) or embedded(site)):
        raise ClusterError(
            f"{field}: is not known", remedy="name the kubeconfig context that reaches the cluster"
        )
    if not access.kubeconfig.is_file():
        raise ClusterError(
            f"{field}: there is no kubeconfig {access.kubeconfig}", remedy=_other_file(site)
        )
    said = _version(kubectl, access)
    if said is None:
        return
    if "error loading config file" in said:
        raise ClusterError(f"{field}: {said}", remedy="get the kubeconfig anew from the site")
    if f'context "{access.context}" does not exist' in said:
        raise ClusterError(
            f"{field}: {access.kubeconfig} has no context {access.context}",
            remedy="`kubectl config get-contexts` lists those it has: rename one, or write its "
            "name there",
        )
    where = f"the context {access.context}" if access.context else str(access.kubeconfig)
    if any(words in said for words in UNKNOWN_TO_IT):
        raise ClusterError(
            f"{field}: the cluster does not take the credentials of {where}: {said}",
            remedy="they may have expired: log in again, or ask the site's staff for new ones",
        )
    remedy = "see whether its API server runs, and whether a VPN or a tunnel leads there"
    if "x509" in said:
        remedy = "the kubeconfig may be of another cluster: get this one's from the site"
    raise ClusterError(f"{field}: the cluster of {where} does not answer: {said}", remedy=remedy)


def _other_file(site: Site) -> str:
    """Return how a site gets its kubeconfig."""
    if made_in_a_cloud(site):
        return f"`sslab up {site.name}` makes the cluster and keeps it there"
    if isinstance(site.cluster, ExistingCluster) and site.cluster.kubeconfig:
        return "put it there, or write its place as cluster.kubeconfig"
    return "put the site's there, or name another in KUBECONFIG or as cluster.kubeconfig"


def _version(kubectl: Path, access: ClusterAccess) -> str | None:
    """Ask the API server for its version; return what kubectl says instead, None if it answers."""
    words = [str(kubectl), f"--kubeconfig={access.kubeconfig}", f"--request-timeout={ANSWER_S}s"]
    words += [f"--context={access.context}"] if access.context else []
    try:
        done = subprocess.run(
            [*words, "get", "--raw", "/version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LOGIN_S,
        )
    except subprocess.TimeoutExpired:
        return f"nothing within {LOGIN_S:.0f} s"
    if done.returncode == 0 or "Forbidden" in done.stderr or "forbidden" in done.stderr:
        return None
    lines = done.stderr.strip().splitlines() or [f"kubectl ended with {done.returncode}"]
    return lines[-1].removeprefix("error: ")
