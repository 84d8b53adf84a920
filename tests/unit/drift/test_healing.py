from __future__ import annotations

import io

import pytest
from rich.console import Console

from sslab.drift.healing import require_healed, to_heal
from sslab.drift.model import FieldDrift, ObjectDrift
from sslab.engine.drift import NotDeployedError
from sslab.errors import SslabError
from sslab.progress import Progress
from tests.unit.drift.events import DEPLOYMENT

DRIFT = ObjectDrift(
    DEPLOYMENT, "web/traefik", "changed", (FieldDrift("spec.replicas", 1, 0, "kubectl", "9:00"),)
)


@pytest.fixture
def progress() -> Progress:
    return Progress(Console(file=io.StringIO(), width=200))


def said(progress: Progress) -> str:
    file = progress.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_what_is_put_back_is_shown_before_and_told_afterwards(progress: Progress) -> None:
    found = to_heal(lambda: (DRIFT,), progress)
    require_healed(found, lambda: (), progress)
    assert said(progress).splitlines() == [
        "  1 object to put back",
        "    Deployment web/traefik  changed",
        "      spec.replicas: 1 -> 0, by kubectl at 9:00",
        "  1 object put back",
    ]


def test_what_comes_back_is_an_error_that_names_it(progress: Progress) -> None:
    with pytest.raises(SslabError, match="1 object differ again: Deployment web/traefik; somebody"):
        require_healed((DRIFT,), lambda: (DRIFT,), progress)
    assert "put back" not in said(progress)


def test_nothing_is_read_again_where_nothing_had_drifted(progress: Progress) -> None:
    found = to_heal(tuple, progress)
    require_healed(found, lambda: pytest.fail("read again"), progress)
    assert said(progress) == "  nothing has drifted\n"


def test_a_site_of_which_nothing_is_deployed_is_deployed(progress: Progress) -> None:
    def look() -> tuple[ObjectDrift, ...]:
        raise NotDeployedError("nothing")

    assert to_heal(look, progress) == ()
    assert "nothing is deployed yet" in said(progress)


def test_a_cluster_that_does_not_answer_stops_it(progress: Progress) -> None:
    def look() -> tuple[ObjectDrift, ...]:
        raise SslabError("no answer")

    with pytest.raises(SslabError, match="no answer"):
        to_heal(look, progress)
