"""Moving data in and out, the example's number, and what becomes of wrong entries."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from scipy.integrate import quad
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.batch_analysis.settings import EXAMPLE, ROOT, Settings
from patterns.batch_analysis.smoke_test import run as smoke_test
from patterns.batch_analysis.workload.batch_analysis.moving import run
from sslab.catalogue.images import load_images
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from sslab.site.loading import load_site
from sslab.site.model import Site
from tests.unit.patterns.memory_store import MemoryAccess, MemoryStore, silent

DIGEST = "sha256:" + 64 * "0"


def environment(**changes: str) -> Environment:
    given = {"JOB": "example", "VERSION": "v1", "INPUTS": "[]", "IMAGE": "python"}
    return Environment({**given, **changes})


class OfAJob(MemoryAccess):
    """A site that runs the default job."""

    def __init__(self, bucket: str, store: MemoryStore) -> None:
        super().__init__(bucket, store)
        site = load_site(ROOT / "sites/local.yaml")
        self.site = Site.model_validate({**site.model_dump(), "patterns": {"batch-analysis": {}}})


def test_the_examples_number_is_the_integral_of_the_spectrum() -> None:
    def spectrum(x: float) -> float:
        return 2 * x**2 * (3 - 2 * x)

    mean = quad(lambda x: x * spectrum(x), 0, 1)[0]
    variance = quad(lambda x: x**2 * spectrum(x), 0, 1)[0] - mean**2
    known = EXAMPLE.expects["mean energy"]
    assert known.value == pytest.approx(mean, abs=1e-9)
    assert known.tolerance == pytest.approx(4.5 * (variance / 1e6) ** 0.5, rel=0.01)


def test_a_job_goes_from_its_script_to_the_smoke_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    store.objects |= {"example/outcome.json": b"old", "example/results/old.txt": b"old"}
    run(environment(STAGE="fetch"), store, silent, tmp_path, tmp_path)
    assert "example/outcome.json" not in store.objects
    kept = Path.write_text

    def written(self: Path, text: str, encoding: str) -> int:
        return kept(tmp_path / self.relative_to("/results"), text, encoding=encoding)

    monkeypatch.setattr(Path, "write_text", written)
    runpy.run_path(str(ROOT / str(EXAMPLE.script)))
    run(environment(STAGE="publish"), store, silent, tmp_path, tmp_path)
    assert store.keys("example/") == ["example/outcome.json", "example/results/numbers.json"]
    assert store.calls[-1] == ("put", "example/outcome.json")
    access = OfAJob("batch-analysis", store)
    measurements = list(smoke_test(access))
    assert [each.check for each in measurements] == ["example: mean energy", "example: finished"]
    assert all(passed(each) for each in measurements)

    found = json.loads(store.objects["example/outcome.json"])
    found["values"]["mean energy"] += 0.002
    store.objects["example/outcome.json"] = json.dumps(found).encode()
    assert [each.check for each in smoke_test(access) if not passed(each)] == [
        "example: mean energy"
    ]
    found["values"] = {}
    store.objects["example/outcome.json"] = json.dumps(found).encode()
    with pytest.raises(CheckError, match="has no mean energy"):
        list(smoke_test(access))


def test_inputs_are_fetched_by_key_and_by_prefix(tmp_path: Path) -> None:
    store = MemoryStore()
    store.objects |= {"data/a.root": b"a", "data/deep/b.root": b"b", "c": b"c", "cc": b"no"}
    told = json.dumps(["data/", "c"])
    run(environment(STAGE="fetch", INPUTS=told), store, silent, tmp_path, tmp_path)
    files = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert files == {"data/a.root", "data/deep/b.root", "c"}
    with pytest.raises(AnalysisError, match="there is no object 'd' in the bucket"):
        run(environment(STAGE="fetch", INPUTS='["d"]'), store, silent, tmp_path, tmp_path)
    store.objects["x/../../out"] = b"evil"
    with pytest.raises(AnalysisError, match="would lie outside"):
        run(environment(STAGE="fetch", INPUTS='["x/"]'), store, silent, tmp_path, tmp_path)


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": "b"}', '{"a": NaN}', '{"a": null}'])
def test_numbers_that_are_none_are_no_result(tmp_path: Path, text: str) -> None:
    (tmp_path / "numbers.json").write_text(text, encoding="utf-8")
    store = MemoryStore()
    with pytest.raises(AnalysisError, match=r"^numbers\.json"):
        run(environment(STAGE="publish"), store, silent, tmp_path, tmp_path)
    assert "example/outcome.json" not in store.objects


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"image": "pyhton", "command": "true"}, 'did you mean "python"?'),
        ({"image": "qqq", "command": "true"}, "the images are python, root, "),
        ({"image": "root", "command": "true"}, "skopeo inspect docker://docker.io/rootproject"),
        ({"image": "ampgen", "command": "true"}, "is published nowhere"),
        ({"image": "python", "command": "true", "digest": DIGEST}, "delete digest"),
        ({"image": "python"}, "runs nothing"),
        (
            {"script": "patterns/batch_analysis/examples/michell.py"},
            'did you mean "patterns/batch_analysis/examples/michel.py"?',
        ),
        ({"script": "../../etc/passwd"}, "there is no such file"),
    ],
)
def test_a_wrong_entry_is_one_clear_message(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"jobs": {"fit": entry}})
    assert len(caught.value.errors()) == 1
    assert message in caught.value.errors()[0]["msg"]


def test_an_image_without_a_digest_runs_with_the_jobs_own() -> None:
    entry = {"image": "root", "command": "root -b -q", "digest": DIGEST}
    job = Settings.model_validate({"jobs": {"fit": entry}}).jobs["fit"]
    assert load_images(ROOT)[job.image].reference(job.digest) == (
        f"docker.io/rootproject/root:6.36.00-ubuntu24.04@{DIGEST}"
    )
