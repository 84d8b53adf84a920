"""The image catalogue: the repository's own, and wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from sslab.catalogue.contract import Contract
from sslab.catalogue.images import FILE, load_images
from sslab.catalogue.jobs import as_asked, queues
from sslab.catalogue.loading import load_contracts
from sslab.site.diagnostics import ContractError

ROOT = Path(__file__).parents[3]
ENTRY = """images:
  - name: python
    title: Python
    summary: NumPy.
    upstream: https://example.edu
    licence: MIT
    shell: [sh, -c]
"""


def test_the_catalogue_has_what_analyses_run_in_and_states_what_is_pinned() -> None:
    found = load_images(ROOT)
    assert {"python", "root", "trexfitter", "histfitter", "ampgen"} <= set(found)
    assert found["python"].state == "built here"
    assert found["ampgen"].state == "planned"
    # nothing runs by a tag alone
    for each in found.values():
        runs = each.why_not(None) is None
        assert runs == (each.state in {"built here", "pinned"}), each.name


def test_every_image_is_on_the_page() -> None:
    page = (ROOT / "docs/image-catalogue.md").read_text(encoding="utf-8")
    for each in load_images(ROOT).values():
        assert f"| `{each.name}` | {each.title} |" in page
        if each.image:
            assert f"`{each.image}:{each.tag}`" in page


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("    build: analysys\n", 'did you mean "analysis"?'),
        ("    build: analysis\n    image: a/b\n    tag: '1'\n", "has both build and image"),
        ("    image: a/b\n", "image and tag belong together"),
        ("    image: a/b\n    tag: '1'\n    digest: sha256:12\n", "digest"),
        ("", "has neither build nor image"),
        ("    colour: red\n", "colour"),
        (f"    build: analysis\n{ENTRY.partition(chr(10))[2]}    note: none\n", "a second time"),
    ],
)
def test_a_wrong_entry_names_its_line(tmp_path: Path, more: str, message: str) -> None:
    (tmp_path / "images/analysis").mkdir(parents=True)
    (tmp_path / "images/analysis/Containerfile").write_text("FROM scratch\n", encoding="utf-8")
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(ENTRY + more, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_images(tmp_path)
    assert f"{FILE}:" in str(caught.value)
    assert message in str(caught.value)


@pytest.fixture
def contract() -> Contract:
    return load_contracts(ROOT)["batch-analysis"]


def test_what_jobs_ask_for_takes_the_place_of_the_needs(contract: Contract) -> None:
    jobs = {
        "one": {"cpu": 2, "cvmfs": ["atlas.cern.ch"], "queue": "cms"},
        "two": {"memory": "1Gi", "gpu": 1, "cvmfs": ["atlas.cern.ch", "sft.cern.ch"]},
    }
    needs = as_asked(contract, {"jobs": jobs}).needs
    assert (needs.cpu, needs.memory, needs.gpu) == ("2250m", "1536Mi", 1)
    assert needs.cvmfs == ("atlas.cern.ch", "sft.cern.ch")
    assert needs.object_storage
    assert as_asked(contract, {}) == contract
    assert list(queues({"queue": "lhcb", "jobs": jobs})) == [
        (("queue",), "lhcb"),
        (("jobs", "one", "queue"), "cms"),
    ]
