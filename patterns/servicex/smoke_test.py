"""What the API says of itself: every code generator that the site asks for has to be there."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.servicex.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.answers import told
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield how many code generators answer. Raises CheckError where the API does not."""
    logs = "-n servicex deploy/servicex-servicex-app"
    answer = told(access, "servicex", "/servicex", title="ServiceX", logs=logs)
    wanted = Settings.model_validate(dict(access.site.patterns["servicex"])).code_generators
    there = set(answer["code-gen-image"])
    yield Measurement(
        check="code generators that answer",
        value=len(there & set(wanted)),
        expected=len(wanted),
        tolerance=0,
    )
