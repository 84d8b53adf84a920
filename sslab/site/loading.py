"""Loading site files: either a Site, or everything that is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError

from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import read_contracts
from sslab.repository import repository_root
from sslab.site.between import rules_between
from sslab.site.consistency import consistency_rules
from sslab.site.diagnostics import MOST_PER_FILE, Diagnostic, SiteError
from sslab.site.document import Document
from sslab.site.explanations import explain
from sslab.site.model import Site
from sslab.site.reading import read_document
from sslab.site.rules import document_rules, site_rules


def load_site(path: Path, repository: Path | None = None) -> Site:
    """Load one site file. Raises SiteError with all that is wrong in it.

    `repository` is the checkout whose patterns the site may ask for; default: the one around the
    current folder (SslabError where there is none).
    """
    sites, diagnostics = validate([path], repository)
    if diagnostics:
        raise SiteError(diagnostics)
    return sites[path]


def validate(
    paths: Sequence[Path], repository: Path | None = None
) -> tuple[dict[Path, Site], tuple[Diagnostic, ...]]:
    """Check site files, each by itself and all with each other.

    Returns the sites that are right by their paths as given, and the diagnostics of all others,
    sorted; those of the patterns' contracts are among them. Each file is read once, however often
    it is named. `repository` is as in `load_site`.
    """
    root = (repository or repository_root()).resolve()
    contracts, contract_problems = read_contracts(root)
    files: dict[Path, _File] = {}
    for path in paths:
        if path.absolute() not in files:
            files[path.absolute()] = _check(path, contracts, root)
    by_file = {each.document.file: each for each in files.values()}
    sites = {name: each.site for name, each in by_file.items() if each.site is not None}
    between = rules_between([each.document for each in files.values()], sites)
    for name, group in groupby(sorted(between), key=lambda each: each.file):
        by_file[name].add(group)
    right = {each.path: each.site for each in files.values() if each.site and not each.problems}
    diagnostics = [diagnostic for each in files.values() for diagnostic in _told(each.problems)]
    return right, tuple(sorted([*contract_problems, *diagnostics]))


@dataclass
class _File:
    """One file on its way to a Site."""

    path: Path
    document: Document
    problems: list[Diagnostic] = field(default_factory=list)
    site: Site | None = None

    def add(self, found: Iterable[Diagnostic]) -> None:
        """Add what one kind of check found, except where an earlier kind has spoken already."""
        told = {(each.line, each.column, each.field) for each in self.problems}
        self.problems += [
            each for each in found if (each.line, each.column, each.field) not in told
        ]


def _check(path: Path, contracts: Mapping[str, Contract], root: Path) -> _File:
    document, unreadable = read_document(path, _shown_path(path, root))
    file = _File(path, document, list(unreadable))
    if document.data is None:
        return file
    file.add(document_rules(document, path, contracts, root))
    file.site, wrong = _site(document)
    file.add(wrong)
    if file.site is not None:
        file.add(consistency_rules(document, file.site))
        file.add(site_rules(document, file.site, contracts))
    return file


def _site(document: Document) -> tuple[Site | None, list[Diagnostic]]:
    """Return the site of a document, or None and what is wrong with its fields.

    The data goes to the schema as JSON because strict checking of JSON is what a file needs: a
    list stands for a tuple, but "8080" is no number and 8080 is no text.
    """
    try:
        return Site.model_validate_json(json.dumps(document.data), strict=True), []
    except ValidationError as error:
        return None, list(explain(document, error, Site))


def _shown_path(path: Path, root: Path) -> str:
    """Return how diagnostics name a file: from the repository's root, where it is in there."""
    absolute = path.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(path)


def _told(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics of one file, sorted, and no more than somebody would read."""
    ordered = sorted(problems)
    if len(ordered) <= MOST_PER_FILE:
        return ordered
    last = ordered[MOST_PER_FILE]
    more = Diagnostic(
        last.file, last.line, last.column, "", "more is wrong from here on", "mend the above first"
    )
    return [*ordered[:MOST_PER_FILE], more]
