"""The manifests of a site, by running its program."""

from __future__ import annotations

from pathlib import Path

from sslab.engine.recorder import recordings
from sslab.errors import SslabError
from sslab.render.manifests import Rendering, render


def render_site(repository: Path, site: str) -> Rendering:
    """Return a site's manifests. Raises SslabError where the program refuses the site."""
    with recordings(repository, [site]) as recorded:
        (recording,) = recorded
    if recording.error is not None:
        raise SslabError(recording.error)
    return render(site, recording.resources)
