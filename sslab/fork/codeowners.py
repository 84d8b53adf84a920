"""CODEOWNERS: whom GitHub asks to review a change, from the site files.

`python -m sslab.fork.codeowners > CODEOWNERS` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sslab.errors import SslabError
from sslab.fork.description import load_fork
from sslab.repository import repository_root
from sslab.site.diagnostics import SiteError
from sslab.site.loading import validate
from sslab.site.model import Site

MAINTAINERS = "@ssl-hep/maintainers"
"""The team of the repository that is no fork."""

_HEADER = """\
# Whom GitHub asks to review a change; the last line that fits a file counts. Made from the site
# files (`owners`) and, in a fork, from fork.yaml; not to be edited:
# python -m sslab.fork.codeowners > CODEOWNERS
"""


def codeowners(repository: Path) -> str:
    """Return the file. Raises DiagnosedError where a site file or fork.yaml is wrong."""
    fork = load_fork(repository)
    sites, diagnostics = validate(sorted((repository / "sites").glob("*.yaml")), repository)
    if diagnostics:
        raise SiteError(diagnostics)
    return as_text(MAINTAINERS if fork is None else fork.owner, list(sites.values()))


def as_text(owner: str | None, sites: Sequence[Site]) -> str:
    """Return the file: `owner` is asked for everything that no site's owners are asked for."""
    lines = [] if owner is None else [f"* {owner}\n"]
    for site in sorted(sites, key=lambda each: each.name):
        if site.owners:
            who = " ".join(site.owners)
            lines += [
                f"/sites/{site.name}.yaml {who}\n",
                f"/stacks/Pulumi.{site.name}.yaml {who}\n",
            ]
    return _HEADER + "".join(lines)


if __name__ == "__main__":
    try:
        sys.stdout.write(codeowners(repository_root()))
    except SslabError as error:
        sys.exit(f"error: {error}")
