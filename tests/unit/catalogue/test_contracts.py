from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sslab.catalogue.loading import load_contracts, read_contracts, settings_model
from sslab.catalogue.reference import reference_page
from sslab.errors import SslabError
from sslab.results.comparing import DURATION
from sslab.site.diagnostics import ContractError

REPOSITORY = Path(__file__).parents[3]
FIXTURES = REPOSITORY / "tests" / "fixtures" / "sites"

RIGHT = """\
name: z-peak
title: Z peak
summary: Measures.
licence: BSD-3-Clause
image: z-peak
needs: {cpu: 500m, memory: 512Mi}
"""


def write(root: Path, folder: str, text: str) -> None:
    path = root / "patterns" / folder
    path.mkdir(parents=True)
    (path / "pattern.yaml").write_text(text, encoding="utf-8")


def test_the_repositorys_contracts_are_right() -> None:
    contracts = load_contracts(REPOSITORY)
    assert {"fitting-service", "z-peak"} <= set(contracts)
    assert list(contracts) == sorted(contracts)
    for name, contract in contracts.items():
        assert contract.name == name
        folder = REPOSITORY / "patterns" / name.replace("-", "_")
        assert (folder / "pattern.yaml").is_file()


def test_the_settings_of_the_repositorys_patterns_have_defaults() -> None:
    for name in load_contracts(REPOSITORY):
        model = settings_model(REPOSITORY, name)
        if model is not None:
            assert model.model_validate({}), f"{name} must run with {{}}"


def test_a_repository_without_patterns(tmp_path: Path) -> None:
    assert load_contracts(tmp_path) == {}


def test_what_is_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "good", RIGHT.replace("z-peak", "good"))
    write(tmp_path, "other", RIGHT)
    write(tmp_path, "poor", "name: poor\nneeds: {cpu: lots, memory: 1Gi, ingres: true}\n")
    write(tmp_path, "tabbed", "name:\n\ttabbed\n")
    contracts, diagnostics = read_contracts(tmp_path)
    assert list(contracts) == ["good"]
    assert [str(each) for each in diagnostics] == [
        'patterns/other/pattern.yaml:1:7: name: "z-peak" is not the name of its folder; '
        "write other, or rename the folder to z_peak",
        'patterns/poor/pattern.yaml:1:1: licence: is missing; add "licence: Apache-2.0"',
        'patterns/poor/pattern.yaml:1:1: summary: is missing; add "summary: ..."',
        'patterns/poor/pattern.yaml:1:1: title: is missing; add "title: My pattern"',
        'patterns/poor/pattern.yaml:2:14: needs.cpu: "lots" is not a quantity; write a number '
        'with a Kubernetes unit, as in "500m" or "6Gi"',
        "patterns/poor/pattern.yaml:2:33: needs.ingres: is not a field of needs; "
        'did you mean "ingress"?',
        "patterns/tabbed/pattern.yaml:2:1: a tab in the indentation; use spaces only",
    ]
    with pytest.raises(ContractError) as caught:
        load_contracts(tmp_path)
    assert caught.value.diagnostics == diagnostics


def test_a_contract_with_neither_image_nor_chart_runs_nothing(tmp_path: Path) -> None:
    write(tmp_path, "z_peak", RIGHT.replace("image: z-peak\n", ""))
    _, (wrong,) = read_contracts(tmp_path)
    assert 'runs nothing; add "image: ..." or "charts: ..."' in str(wrong)


def test_settings_are_loaded_without_the_pattern_itself() -> None:
    model = settings_model(FIXTURES, "z-peak")
    assert model is not None
    assert model.model_validate({}).model_dump()["events"] == 1000
    assert settings_model(FIXTURES, "z-peak") is model
    assert settings_model(FIXTURES, "notebooks") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import nothing_of_this_name", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("def broken(:", "cannot be loaded: SyntaxError"),
        ("Settings = 5", "defines no pydantic model named Settings"),
        ("", "defines no pydantic model named Settings"),
    ],
)
def test_wrong_settings_of_a_pattern(tmp_path: Path, source: str, expected: str) -> None:
    write(tmp_path, "z_peak", RIGHT)
    (tmp_path / "patterns" / "z_peak" / "settings.py").write_text(source, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SslabError, match=expected):
            settings_model(tmp_path, "z-peak")


def test_threads_that_ask_at_once_get_the_whole_model(tmp_path: Path) -> None:
    folder = tmp_path / "patterns/slow"
    folder.mkdir(parents=True)
    (folder / "settings.py").write_text(
        "import time\n\nfrom pydantic import BaseModel\n\ntime.sleep(0.2)\n\n\n"
        "class Settings(BaseModel):\n    pass\n"
    )
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: settings_model(tmp_path, "slow"), range(4)))
    assert [model.__name__ for model in models if model] == ["Settings"] * 4


@pytest.mark.parametrize("pattern", sorted(load_contracts(REPOSITORY)))
def test_every_pattern_says_what_is_watched_and_it_is_there(pattern: str) -> None:
    sla = load_contracts(REPOSITORY)[pattern].sla
    assert sla is not None, f"add `sla` to the pattern.yaml of {pattern}"
    folder = REPOSITORY / "patterns" / pattern.replace("-", "_")
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    for metric in set(sla.metrics) - {DURATION}:
        assert metric in code, f"{metric} is measured nowhere in {folder}"
    model = settings_model(REPOSITORY, pattern)
    fields = model.model_fields if model is not None else {}
    for scan in sla.scans:
        assert scan.parameter in fields or scan.parameter in code, scan.parameter


@pytest.mark.parametrize(
    ("sla", "expected"),
    [
        ("{metrics: [], window: 30 days, publish: [pattern]}", "sla.metrics"),
        ("{metrics: [m], window: a month, publish: [pattern]}", "sla.window"),
        ("{metrics: [m], window: 30 days, publish: [nothing]}", "sla.publish"),
        (
            "{metrics: [m], window: 30 days, publish: [pattern], "
            "scans: [{parameter: n, values: [1]}]}",
            "sla.scans[0].values",
        ),
        ("{metrics: [m], publish: [pattern]}", "sla.window: is missing"),
    ],
)
def test_what_is_wrong_in_an_sla_is_told(tmp_path: Path, sla: str, expected: str) -> None:
    write(tmp_path, "z_peak", f"{RIGHT}sla: {sla}\n")
    _, (wrong,) = read_contracts(tmp_path)
    assert expected in str(wrong)
    assert str(wrong).startswith("patterns/z_peak/pattern.yaml:7:")


def test_the_reference_page_is_up_to_date() -> None:
    remedy = "run: .venv/bin/python -m sslab.catalogue.reference > docs/pattern-file.md"
    page = REPOSITORY / "docs" / "pattern-file.md"
    assert page.read_text(encoding="utf-8") == reference_page(), remedy
