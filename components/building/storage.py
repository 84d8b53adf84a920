"""The storage of a site: its classes, and the file server that it has or that was made."""

from __future__ import annotations

from components.building.site import Building
from components.storage import NfsFolder, Storage, StorageArgs


def build(building: Building) -> Storage:
    """Make the storage layer."""
    known = building.site.storage
    return Storage(
        "storage",
        StorageArgs(
            rwo_class=known.rwo_class if known else None,
            rwx_class=known.rwx_class if known else None,
            shared=_exported(building),
        ),
        opts=building.layer,
    )


def _exported(building: Building) -> NfsFolder | None:
    """Return what the file server exports; placement refuses a pattern that needs CephFS."""
    known, made = building.site.storage, building.made
    if known is not None and known.rwx_server is not None:
        named = known.rwx_server
        return NfsFolder(server=named.server, path=named.path) if named.kind == "nfs" else None
    if made is not None and made.file_server is not None and made.file_server.protocol == "nfs":
        return NfsFolder(server=made.file_server.server, path=made.file_server.path)
    return None
