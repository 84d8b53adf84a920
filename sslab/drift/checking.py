"""Which sites are looked at, and each as clean, drifted or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sslab.drift.model import SiteDrift
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.site.cluster import HpcSite
from sslab.site.loading import validate


def chosen_sites(repository: Path, named: Sequence[str]) -> list[str]:
    """Return the sites to look at: those that are named, else all on which something is deployed.

    Raises SslabError where one that is named has no file.
    """
    paths = {path.stem: path for path in sorted((repository / "sites").glob("*.yaml"))}
    if named:
        lacking = [name for name in named if name not in paths]
        if lacking:
            raise SslabError(
                f"sites/{lacking[0]}.yaml: there is no such file",
                remedy=f"there are: {', '.join(paths)}",
            )
        return list(dict.fromkeys(named))
    sites, _ = validate(list(paths.values()), repository)
    return [
        name
        for name, path in paths.items()
        # one whose file is wrong is looked at, so that somebody is told
        if (site := sites.get(path)) is None
        or (site.status != "planned" and not isinstance(site.cluster, HpcSite))
    ]


def site_drift(repository: Path, name: str, progress: Progress) -> SiteDrift:
    """Return what is known of one site; what cannot be read makes it unknown."""
    try:
        with progress.step(f"reading what is at {name}"):
            found = Laboratory(repository, name, progress).drift()
    except SslabError as error:
        return SiteDrift(name, "unknown", why=str(error))
    return SiteDrift(name, "drifted" if found else "clean", found)
