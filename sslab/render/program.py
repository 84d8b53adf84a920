"""The manifests of a site, by running its program."""

from __future__ import annotations

from pathlib import Path

from sslab.engine.recorder import recordings
from sslab.errors import SslabError
from sslab.progress import Progress
from sslab.render.manifests import Rendering, render
from sslab.site.model import Site
from sslab.toolchain.sites import ensure_helm


def render_site(repository: Path, site: Site, progress: Progress) -> Rendering:
    """Return a site's manifests. Raises SslabError where the program refuses the site."""
    ensure_helm([site], repository, progress)
    with recordings(repository, [site.name]) as recorded:
        (recording,) = recorded
    if recording.error is not None:
        raise SslabError(recording.error)
    return render(site.name, recording.resources)
