"""What the API says of itself: every code generator that the site asks for has to be there."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.servicex.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield how many code generators answer. Raises CheckError where the API does not."""
    answer = access.get("servicex", "/servicex")
    if answer.status_code != 200:
        raise CheckError(
            f"ServiceX answered {answer.status_code}: {answer.text[:200]}",
            remedy="`kubectl logs -n servicex deploy/servicex-servicex-app` says why",
        )
    wanted = Settings.model_validate(dict(access.site.patterns["servicex"])).code_generators
    there = set(answer.json()["code-gen-image"])
    yield Measurement(
        check="code generators that answer",
        value=len(there & set(wanted)),
        expected=len(wanted),
        tolerance=0,
    )
