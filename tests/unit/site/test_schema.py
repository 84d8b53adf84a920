from pathlib import Path

import pytest

from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.site.reading import read_document
from sslab.site.reference import reference_page
from sslab.site.schema import json_schema, schema_of
from tests.unit.site.wrong_files import REPOSITORY, ROOT

PAGE = REPOSITORY / "docs" / "site-file.md"


def test_the_reference_page_is_up_to_date() -> None:
    remedy = "run: python -m sslab.site.reference > docs/site-file.md"
    assert PAGE.read_text(encoding="utf-8") == reference_page(), remedy


def test_the_example_of_the_reference_page_is_a_right_site(tmp_path: Path) -> None:
    example = reference_page().split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    site = load_site(path, ROOT)
    assert site.model_dump(exclude_defaults=True).keys() >= set(json_schema()["required"])


def test_every_field_of_the_schema_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for field in definition["properties"]:
            assert f"| `{field}` |" in page


def test_every_field_is_described() -> None:
    schema = schema_of(Site)
    for definition in (schema.root, *schema.root["$defs"].values()):
        for name, field in definition["properties"].items():
            is_tag = name == "kind" and name in definition.get("required", ())
            assert is_tag or schema.resolve(field).get("description"), name


def test_editors_get_a_json_schema_that_takes_the_repositorys_sites() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    for path in REPOSITORY.glob("sites/*.yaml"):
        document, _ = read_document(path, path.name)
        assert list(validator.iter_errors(document.data)) == []
    assert not validator.is_valid({"name": "x"})
