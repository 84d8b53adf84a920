"""Which losses a plan refuses, and which a site file lets happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sslab.plan.compare import compare
from sslab.plan.planning import plan_sites
from sslab.progress import Progress
from sslab.safety.lines import Lines
from sslab.site.agreement import DataLoss
from tests.unit.plan.cases import CLAIM, claim, resource
from tests.unit.plan.conftest import Repository

pytestmark = pytest.mark.volume

NAMESPACE = "kubernetes:core/v1:Namespace"
TODAY = date(2027, 3, 31)


def lines(*named: str, expires: str = "2027-03-31") -> Lines:
    loss = tuple(DataLoss(object=each, reason="moved", expires=expires) for each in named)
    return Lines("chicago", loss, TODAY)


def test_a_namespace_holds_the_data_of_what_is_in_it() -> None:
    own = resource(NAMESPACE, "ns", namespace=None)
    found = {each.resource.kind: each for each in compare([own, resource(CLAIM)], [])}
    assert "everything in the namespace" in found["Namespace"].loses
    (alone,) = compare([own], [])
    assert alone.loses == ""
    assert "what others have put into the namespace" in alone.reasons[0]


def test_what_says_that_it_is_disposable_holds_no_data() -> None:
    metadata = {"name": "web", "namespace": "ns", "annotations": {"ssl/data": "disposable"}}
    (gone,) = compare([resource(CLAIM, metadata=metadata)], [], lines())
    assert (gone.loses, gone.unallowed) == ("", "")


def test_a_loss_without_a_line_is_refused_with_the_line_to_write() -> None:
    (gone,) = compare([resource(CLAIM)], [], lines("PersistentVolumeClaim/ns/other"))
    assert gone.unallowed == (
        "PersistentVolumeClaim/ns/web is protected; if its data may be lost, add to data_loss in "
        "sites/chicago.yaml: {object: PersistentVolumeClaim/ns/web, reason: <why>, "
        'expires: "<the last day, as in 2027-03-31>"}'
    )


def test_a_line_lets_data_go_up_to_its_last_day() -> None:
    claim_lines = lines("PersistentVolumeClaim/ns/web")
    (gone,) = compare([resource(CLAIM)], [], claim_lines)
    assert gone.loses
    assert (gone.unallowed, gone.refused) == ("", "")
    assert gone.reasons == ("data_loss lets it go until 2027-03-31: moved",)
    (late,) = compare([resource(CLAIM)], [], replace(claim_lines, today=date(2027, 4, 1)))
    assert late.unallowed == (
        "the line for PersistentVolumeClaim/ns/web in data_loss of sites/chicago.yaml ended on "
        "2027-03-31; give it a later last day, if the data may be lost"
    )


@pytest.mark.parametrize("named", ["Bucket/web", "Bucket/ssl-example-web"])
def test_what_is_in_a_cloud_is_called_as_in_the_program_or_as_there(named: str) -> None:
    bucket = replace(resource("gcp:storage/bucket:Bucket"), inputs={"name": "ssl-example-web"})
    (gone,) = compare([bucket], [], lines(named))
    assert (bool(gone.loses), gone.unallowed) == (True, "")


def test_a_replaced_claim_is_asked_about_as_it_was() -> None:
    before = resource(CLAIM, spec=claim(storageClassName="a"))
    after = resource(CLAIM, spec=claim(storageClassName="b"), options={"protect": True})
    (refused,) = compare([before], [after], lines())
    assert refused.unallowed
    (let_go,) = compare([before], [after], lines("PersistentVolumeClaim/ns/web"))
    assert (bool(let_go.loses), let_go.unallowed) == (True, "")


LINE = "data_loss: [{{object: PersistentVolumeClaim/a/{}, reason: moved, expires: {}}}]"


def planned(repository: Repository) -> tuple[bool, str, tuple[str, ...]]:
    """Let the program make a claim of another class; return refused, why, and the notes."""
    program = (repository.root / "__main__.py").read_text()
    changed = program.replace('"spec": {', '"spec": {"storageClassName": "other", ')
    assert changed != program
    repository.write("__main__.py", changed)
    (site,) = plan_sites(repository.root, ["a"], "base", Progress()).sites
    (gone,) = (each for each in site.changes if each.kind == "replace")
    return site.refused, gone.unallowed, site.notes


def test_a_plan_that_loses_data_is_refused(repository: Repository) -> None:
    refused, why, _ = planned(repository)
    assert refused
    assert "{object: PersistentVolumeClaim/a/data, reason: <why>" in why


def test_the_line_in_the_new_site_file_counts(repository: Repository) -> None:
    repository.site("a", LINE.format("data", "2099-12-31"))
    assert planned(repository) == (False, "", ())


def test_a_line_that_has_ended_does_not(repository: Repository) -> None:
    repository.site("a", LINE.format("data", "2020-12-31"))
    refused, why, notes = planned(repository)
    assert refused
    assert "ended on 2020-12-31" in why
    assert "ended on 2020-12-31; delete it" in notes[0]


def test_a_line_that_lets_nothing_go_is_told(repository: Repository) -> None:
    repository.site("a", LINE.format("dta", "2099-12-31"))
    refused, _, notes = planned(repository)
    assert refused
    assert "this change loses nothing of PersistentVolumeClaim/a/dta" in notes[0]


def test_a_fixed_field_is_refused_where_it_stands(repository: Repository) -> None:
    repository.site("a")
    text = (repository.root / "sites/a.yaml").read_text()
    repository.write("sites/a.yaml", text.replace("kind: existing", "kind: local"))
    (site,) = plan_sites(repository.root, ["a"], "base", Progress()).sites
    assert site.refused
    assert site.refusals == (
        "sites/a.yaml:3:17: cluster.kind: local cannot take the place of existing, which is "
        "deployed: everything is on the cluster of that kind, and would be made anew on another "
        "one; docs/migrations.md#clusterkind says how to migrate",
    )
