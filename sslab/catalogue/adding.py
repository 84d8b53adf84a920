"""A new pattern's folder, page and tests: written from templates, right at once."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path

from sslab.errors import SslabError
from sslab.site.adding import require_form
from sslab.site.document import shown
from sslab.site.types import DNS_LABEL

TEMPLATES = Path(__file__).parent / "new_pattern"

LONGEST = 30
"""Characters of a name: the longest with which the lines of the code stay within 100."""

NAME = rf"[a-z][-a-z0-9]{{1,{LONGEST - 2}}}[a-z0-9]"
TITLE = r"^[A-Z][A-Za-z0-9 ,.()+-]{0,38}[A-Za-z0-9).]$"
"""What can stand in the first line of a docstring, and of the page."""

RESERVED = frozenset(
    {
        *("analysis", "analysis-args", "pattern-component", "place", "settings", "sources"),
        *("monitoring", "one-job", "prometheus", "s3"),
    }
)
"""Names that the pattern's code, or the laboratory, uses for something else."""


def add_pattern(repository: Path, name: str, title: str | None = None) -> tuple[Path, ...]:
    """Write a pattern that measures something small, its page and its tests.

    Returns the files. Raises SslabError, with nothing written, where the name cannot be or is
    taken.
    """
    _require_name(repository, name)
    wanted = title or name.replace("-", " ").capitalize()
    if not re.fullmatch(TITLE, wanted):
        raise SslabError(
            f"{shown(wanted)} cannot be a pattern's title",
            remedy="write one line of up to 40 letters, digits and spaces that begins with a "
            'capital letter, as in "My pattern"',
        )
    package = name.replace("-", "_")
    words = {
        "new-pattern": name,
        "new_pattern": package,
        "NewPattern": "".join(part.capitalize() for part in name.split("-")),
        "New pattern": wanted,
    }
    files = _files(package, name)
    for target in files:
        if (repository / target).exists():
            raise SslabError(f"{target} is there already", remedy="choose another name")
    texts = {repository / target: _filled(template, words) for target, template in files.items()}
    _write(texts)
    return tuple(texts)


def _require_name(repository: Path, name: str) -> None:
    """Raise SslabError for a name that cannot be, or is taken."""
    if len(name) > LONGEST:
        raise SslabError(f"{shown(name)} is longer than {LONGEST} characters", remedy="shorten it")
    require_form(DNS_LABEL, name, "a pattern's name", "my-pattern")
    if not re.fullmatch(NAME, name):
        raise SslabError(
            f"{shown(name)} cannot be a pattern's name",
            remedy="write at least 3 characters, the first a letter, as in my-pattern",
        )
    package = name.replace("-", "_")
    if (repository / "patterns" / package).exists():
        raise SslabError(
            f"patterns/{package} is there already",
            remedy="choose another name, or edit that pattern",
        )
    known = {*sys.stdlib_module_names, "ssl_analysis", *_installed_in_the_image(repository)}
    if iskeyword(package) or name in RESERVED or package in known or find_spec(package):
        raise SslabError(
            f"{name} is the name of something else in Python or in the laboratory",
            remedy=f"choose another name, as in my-{name}",
        )


def _installed_in_the_image(repository: Path) -> set[str]:
    """Return the packages that the pattern's own would hide from the analysis."""
    lock = repository / "images" / "analysis" / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return {
        name.lower().replace("-", "_").replace(".", "_")
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
    }


def _files(package: str, name: str) -> dict[str, str]:
    """Return which template each file is made from, by the file's path in the repository."""
    folder = f"patterns/{package}"
    workload = f"{folder}/workload/{package}"
    tests = f"tests/unit/patterns/{package}"
    return {
        f"{folder}/pattern.yaml": "pattern.yaml",
        f"{folder}/__init__.py": "init.py",
        f"{folder}/settings.py": "settings.py",
        f"{folder}/component.py": "component.py",
        f"{folder}/reference.py": "reference.py",
        f"{folder}/smoke_test.py": "smoke_test.py",
        f"{workload}/__init__.py": "workload_init.py",
        f"{workload}/__main__.py": "workload_main.py",
        f"{workload}/measure.py": "measure.py",
        f"docs/patterns/{name}.md": "page.md",
        f"{tests}/__init__.py": "empty.py",
        f"{tests}/test_{package}.py": "test_analysis.py",
        f"tests/components/test_{package}.py": "test_component.py",
    }


def _filled(template: str, words: dict[str, str]) -> str:
    """Return a template's text with the pattern's own names in it."""
    text = (TEMPLATES / f"{template}.template").read_text(encoding="utf-8")
    text = re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], text)
    # which import stands first follows from the name
    imports = re.compile(r"(?:^from patterns\.\S+ import \S+\n)+", re.MULTILINE)
    return imports.sub(lambda match: "".join(sorted(match[0].splitlines(keepends=True))), text)


def _write(texts: dict[Path, str]) -> None:
    """Write all files or none; never over one that is there."""
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError:
        for path in written:
            path.unlink()
        raise
