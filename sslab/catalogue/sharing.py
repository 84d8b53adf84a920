"""What gives a site volumes that many pods share, where no StorageClass does."""

from __future__ import annotations

from typing import Literal

from sslab.site.cluster import GkeCluster, OpenStackCluster
from sslab.site.model import Site

Protocol = Literal["nfs", "cephfs"]


def file_server(site: Site) -> tuple[str, Protocol] | None:
    """Return the field that describes the site's file server, and the protocol that it speaks.

    It is one that the site has, or that the laboratory makes with its cluster.
    """
    if site.storage is not None and site.storage.rwx_server is not None:
        return "storage.rwx_server", site.storage.rwx_server.kind
    match site.cluster:
        case GkeCluster(filestore=str()):
            return "cluster.filestore", "nfs"
        case OpenStackCluster(share=share) if share is not None:
            return "cluster.share", share.protocol
    return None
