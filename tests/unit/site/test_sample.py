import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sslab.site.loading import load_site, validate
from sslab.site.model import Site
from sslab.site.reading import read_document
from sslab.site.sample import sample_file
from sslab.site.schema import json_schema
from tests.unit.site.wrong_files import REPOSITORY

SAMPLE = REPOSITORY / "docs" / "site-file-sample.yaml"
TEXT = SAMPLE.read_text(encoding="utf-8")


def data_of(text: str, folder: Path) -> Any:
    path = folder / "sample.yaml"
    path.write_text(text, encoding="utf-8")
    document, problems = read_document(path, path.name)
    assert problems == ()
    return document.data


def alternatives() -> Iterator[tuple[str, str | None, str]]:
    """Yield what stands commented out: its name, the part that it is in, and its YAML."""
    part: str | None = None
    lines = iter([*TEXT.splitlines(), ""])
    line = next(lines)
    for following in lines:
        if match := re.match(r"(\w+):", line):
            part = match[1]
        if match := re.match(r"( *)#(\w+):", line):
            block = [line.removeprefix(f"{match[1]}#")]
            while following.startswith(f"{match[1]}#  "):
                block.append(following.removeprefix(f"{match[1]}#"))
                following = next(lines)
            yield match[2], part if match[1] else None, "\n".join(block) + "\n"
        line = following


ALTERNATIVES = list(alternatives())


def test_the_sample_is_up_to_date() -> None:
    remedy = "run: python -m sslab.site.sample > docs/site-file-sample.yaml"
    assert sample_file() == TEXT, remedy


def test_the_sample_is_a_valid_site_beside_the_others() -> None:
    assert load_site(SAMPLE, REPOSITORY).status == "active"
    _, diagnostics = validate([*REPOSITORY.glob("sites/*.yaml"), SAMPLE], REPOSITORY)
    assert diagnostics == ()


def test_every_field_and_every_kind_is_in_the_sample() -> None:
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for name, field in definition["properties"].items():
            assert re.search(rf"^ *(# *)?{name}:", TEXT, re.MULTILINE), name
            if name == "kind" and "const" in field:
                assert f"kind: {field['const']}\n" in TEXT


def test_every_line_fits_and_every_field_is_explained() -> None:
    lines = TEXT.splitlines()
    assert max(map(len, lines)) <= 100
    for above, line in pairwise(lines):
        if re.match(r"[# ]*[a-z_]+:( |$)", line) and not re.match(r"[# ]*kind: ", line):
            assert re.match(r"[# ]*# \S", above), line


@pytest.mark.parametrize("block", ALTERNATIVES, ids=lambda each: f"{each[1] or ''}-{each[0]}")
def test_what_is_commented_out_is_right_as_well(
    block: tuple[str, str | None, str], tmp_path: Path
) -> None:
    name, part, text = block
    data = data_of(TEXT, tmp_path)
    other = data_of(text, tmp_path)[name]
    (data[part] if part else data)[name] = other
    Site.model_validate_json(json.dumps(data), strict=True)


def test_the_other_kinds_of_every_union_are_there() -> None:
    names = [name for name, _, _ in ALTERNATIVES]
    assert names.count("cluster") == 4
    assert names.count("ingress") == 3
    assert names.count("load_balancing") == 4
    assert names.count("object_storage") == 4
    assert names.count("cvmfs") == 3
    assert names.count("tls") == 1
