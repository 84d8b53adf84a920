from pathlib import Path

import pytest

from tests.unit.site.wrong_files import BETWEEN, ROOT, WRONG, expected_of, told_about


@pytest.mark.parametrize("case", [*WRONG, *BETWEEN], ids=lambda case: case.stem)
def test_a_wrong_file_is_told_in_exactly_these_words(case: Path) -> None:
    expected = expected_of(case).read_text(encoding="utf-8")
    assert expected.strip(), "a fixture without any diagnostic shows nothing"
    assert told_about(case) == expected


def test_every_expectation_has_its_case() -> None:
    cases = {expected_of(case) for case in (*WRONG, *BETWEEN)}
    assert set(ROOT.glob("*/*.expected")) == cases


def test_no_message_speaks_the_schema_librarys_language() -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*/*.expected"))
    for word in ("pydantic", "Input should", "Field required", "validation error", "regex", "^["):
        assert word not in told


def test_no_secret_is_repeated() -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*/*.expected"))
    for secret in ("hunter2", "AKIAIOSFODNN7EXAMPLE"):
        assert any(secret.encode() in path.read_bytes() for path in WRONG)
        assert secret not in told
