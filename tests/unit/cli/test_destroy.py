"""`sslab destroy` asks for the name, and its exit code tells whether all went as announced."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from sslab.cli.destroy import destroy
from sslab.destroying.errors import DestroyError
from sslab.engine.inventory import Inventory
from sslab.errors import SslabError
from sslab.site.model import Site
from tests.components.recording import site
from tests.unit.destroying.cases import document
from tests.unit.destroying.test_carrying_out import KUBECTL, Cluster
from tests.unit.destroying.test_carrying_out import cluster as cluster

pytestmark = pytest.mark.volume

CONFIRMED = ("nyu", "--confirm", "nyu")


def run(cluster: Cluster | None, *words: str, of: Site | None = None) -> Result:
    made = SimpleNamespace(
        site=of or site("nyu"),
        stack=lambda: cluster,
        kubectl=lambda: KUBECTL,
        remove=lambda: None,
        require_answer=lambda: None,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sslab.cli.destroy.Laboratory", lambda *_: made)
        app = typer.Typer()
        app.command()(destroy)
        return CliRunner().invoke(app, list(words))


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SslabError)
    return str(result.exception)


def test_with_the_name_it_is_done(cluster: Cluster) -> None:
    done = run(cluster, *CONFIRMED)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("nyu: 3 go, 2 are kept\n")
    assert "`sslab up nyu` takes it up again" in done.output
    again = run(cluster, *CONFIRMED)
    assert "nothing is left to take away but the data; --with-data takes them" in again.output
    assert run(cluster, *CONFIRMED, "--with-data").exit_code == 0
    assert run(cluster, *CONFIRMED).output == "nyu: nothing is deployed\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nyu",), "nobody is there to type the site's name; nothing was changed; add --confirm"),
        (("nyu", "--confirm", "gke"), "'gke' is not 'nyu'; nothing was changed"),
        (("nyu", "--yes"), "nyu is no embedded laboratory; leave --yes out"),
    ],
)
def test_without_it_nothing_is(cluster: Cluster, words: tuple[str, ...], told: str) -> None:
    assert told in refusal(run(cluster, *words))
    assert cluster.calls == []


def test_what_stayed_makes_it_fail(cluster: Cluster) -> None:
    cluster.stubborn = {"z-peak"}
    done = run(cluster, *CONFIRMED)
    assert "STAYED, AND SHOULD NOT HAVE: Namespace z-peak, Job z-peak/z-peak" in done.output
    assert isinstance(done.exception, DestroyError)


def test_what_is_left_in_the_books_alone_goes_too(cluster: Cluster) -> None:
    books = [each for each in document()["deployment"]["resources"] if "kubernetes:" not in
             each["type"].partition(":providers")[0]]  # fmt: skip
    cluster.known = Inventory.read({"deployment": {"resources": books}})
    done = run(cluster, *CONFIRMED)
    assert done.exit_code == 0, done.output
    assert cluster.calls[-1] == ("destroy", [], False)


def test_an_embedded_laboratory_goes_as_a_whole(tmp_path: Path) -> None:
    local = site("local")
    assert "ALL DATA" in run(None, "local", "--confirm", "local", of=local).output
    assert run(None, "local", "--yes", of=local).output.startswith("local is gone: cluster, data,")
    assert "'x' is not 'local'" in refusal(run(None, "local", "--confirm", "x", of=local))
