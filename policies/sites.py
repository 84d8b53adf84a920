"""The site that a stack belongs to: its name is the stack's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sslab.site.cluster import LocalCluster
from sslab.site.loading import load_site
from sslab.site.model import Site


@cache  # one process judges one state of the files
def site_of(repository: Path, stack: str) -> Site:
    """Return the site of a stack; for a stack without a site file, one with all the defaults.

    Raises SiteError with all that is wrong in the file.
    """
    path = repository / "sites" / f"{stack}.yaml"
    if path.is_file():
        return load_site(path, repository)
    # not validated: a stack may have a name that no site can have
    return Site.model_construct(name=stack, title=stack, cluster=LocalCluster(kind="local"))


def stack_of(urn: str) -> str:
    """Return the stack in `urn:pulumi:<stack>::<project>::<types>::<name>`."""
    return urn.partition("::")[0].removeprefix("urn:pulumi:")
