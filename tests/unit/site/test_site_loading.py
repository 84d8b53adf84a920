import subprocess
import sys
from pathlib import Path

import pytest

from sslab.errors import SslabError
from sslab.repository import repository_root
from sslab.site.cluster import LocalCluster
from sslab.site.diagnostics import MOST_PER_FILE, SiteError, as_text
from sslab.site.loading import load_site, validate
from tests.unit.site.wrong_files import REPOSITORY, ROOT, WRONG

RIGHT = """\
name: NAME
title: A site
cluster: {kind: local}
quota: {cpu: 4, memory: 6Gi, pods: 50}
storage: {capacity: 20Gi}
ingress: {kind: traefik, domain: NAME.example.edu, port: 8080}
load_balancing: {kind: node-ports}
"""


def write(folder: Path, name: str, text: str = RIGHT) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("NAME", name), encoding="utf-8")
    return path


@pytest.mark.sites
@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("sites/*.yaml")), ids=lambda p: p.stem)
def test_the_sites_of_the_repository_are_right(path: Path) -> None:
    assert load_site(path, REPOSITORY).name == path.stem


def test_a_site_is_loaded(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, "nyu"), ROOT)
    assert site.cluster == LocalCluster(kind="local")
    assert site.quota is not None
    assert site.quota.cpu == "4", "a bare number is a quantity"
    assert site.url("fitting-service") == "http://fitting-service.nyu.example.edu:8080"
    assert site.patterns == {}


def test_a_wrong_site_is_an_error_with_all_that_is_wrong() -> None:
    path = ROOT / "wrong" / "several.yaml"
    with pytest.raises(SiteError) as caught:
        load_site(path, ROOT)
    assert len(caught.value.diagnostics) == 7
    assert isinstance(caught.value, SslabError)
    assert f"{caught.value}\n" == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_right_and_wrong_files_side_by_side(tmp_path: Path) -> None:
    right, wrong = write(tmp_path, "b"), write(tmp_path, "a", RIGHT.replace("6Gi", "plenty"))
    missing = tmp_path / "c.yaml"
    sites, diagnostics = validate([missing, right, wrong, right], ROOT)
    assert list(sites) == [right]
    assert [Path(each.file).stem for each in diagnostics] == ["a", "c"]


def test_a_file_named_twice_does_not_collide_with_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "nyu")
    monkeypatch.chdir(tmp_path)
    sites, diagnostics = validate([path, Path("nyu.yaml")], ROOT)
    assert (list(sites), diagnostics) == ([path], ())


def test_nothing_to_check() -> None:
    assert validate([], ROOT) == ({}, ())


def test_files_are_named_from_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "wrong")
    _, (told,) = validate([Path("tab.yaml")], ROOT)
    assert told.file == "wrong/tab.yaml"


def test_the_suffix_is_the_one_that_is_looked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "nyu").rename(tmp_path / "nyu.yml")
    _, (told,) = validate([path], ROOT)
    assert told.message == 'the file\'s name does not end in ".yaml"; rename it to nyu.yaml'


def test_no_file_is_told_of_without_end(tmp_path: Path) -> None:
    text = RIGHT + "".join(f"unknown_{n}: 1\n" for n in range(1000))
    _, diagnostics = validate([write(tmp_path, "nyu", text)], ROOT)
    assert len(diagnostics) == MOST_PER_FILE + 1
    assert diagnostics[-1].problem == "more is wrong from here on"


def test_a_wrong_contract_is_told_and_its_pattern_not_called_unknown(tmp_path: Path) -> None:
    folder = tmp_path / "patterns" / "z_peak"
    folder.mkdir(parents=True)
    (folder / "pattern.yaml").write_text("name: z-peak\n", encoding="utf-8")
    path = write(tmp_path, "nyu", RIGHT + "patterns: {z-peak: {}}\n")
    _, diagnostics = validate([path], tmp_path)
    assert {each.file for each in diagnostics} == {"patterns/z_peak/pattern.yaml"}


@pytest.mark.parametrize("name", ["x" * 900, "../../../etc", "a/b", "~", "%2e", "?"])
def test_a_patterns_name_is_never_taken_for_a_path(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "nyu", RIGHT + f'patterns: {{"{name}": {{}}}}\n')
    _, (told,) = validate([path], ROOT)
    assert told.problem == "there is no such pattern"
    assert len(str(told)) < len(str(path)) + 200


def test_all_wrong_files_in_one_run_are_told_as_one_by_one() -> None:
    _, together = validate(WRONG, ROOT)
    one_by_one = [each for path in WRONG for each in validate([path], ROOT)[1]]
    between = [each for each in together if "taken by" in each.problem]
    assert as_text(each for each in together if each not in between) == as_text(sorted(one_by_one))


def test_loading_does_not_import_the_engine() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sslab.site.loading import load_site\n"
        f"load_site(Path({str(REPOSITORY / 'sites' / 'local.yaml')!r}), Path({str(ROOT)!r}))\n"
        "print([name for name in ('pulumi', 'typer', 'rich', 'httpx') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_the_root_is_the_nearest_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").touch()
    below = tmp_path / "sites" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert repository_root() == tmp_path


def test_without_a_checkout_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sslab.repository.__file__", str(tmp_path / "sslab" / "repository.py"))
    with pytest.raises(SslabError, match="run the command in a clone of the repository"):
        repository_root()


def test_outside_a_checkout_the_packages_own_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    (checkout / "sslab").mkdir(parents=True)
    elsewhere.mkdir()
    (checkout / "Pulumi.yaml").touch()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr("sslab.repository.__file__", str(checkout / "sslab" / "repository.py"))
    assert repository_root() == checkout
