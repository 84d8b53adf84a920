"""Planning sites: their files checked, the program run for each, and held against a revision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import read_contracts
from sslab.engine.recorder import Recording, recordings
from sslab.plan import compare, powers, safety, totals
from sslab.plan.errors import PlanError
from sslab.plan.facts import capacity, egress, offers
from sslab.plan.model import (
    Finding,
    Plan,
    PlannedResource,
    Power,
    Powers,
    SitePlan,
    Status,
)
from sslab.plan.powers import Egress
from sslab.plan.resources import planned
from sslab.plan.revision import differing, extracted
from sslab.progress import Progress
from sslab.site.diagnostics import Diagnostic, as_text
from sslab.site.loading import validate
from sslab.site.model import Site
from sslab.site.reading import read_document
from sslab.toolchain.sites import ensure_helm


@dataclass(frozen=True)
class Tree:
    """The sites of one revision: the names of all, what is known of those that can be read."""

    folder: Path
    names: tuple[str, ...]
    facts: Mapping[str, Mapping[str, Any]]
    egress: Mapping[str, Egress]
    contracts: Mapping[str, Contract]
    diagnostics: Sequence[Diagnostic]
    sites: Sequence[Site] = ()

    def planned(self, name: str) -> bool:
        """Tell whether a site is planned only, so that nothing of it is deployed."""
        return self.facts.get(name, {}).get("status") == "planned"

    def wrong(self, name: str) -> str:
        """Return what is wrong with a site's file, nothing where it is right."""
        own = [each for each in self.diagnostics if each.file == f"sites/{name}.yaml"]
        others = [each for each in self.diagnostics if not each.file.startswith("sites/")]
        return "" if name in self.facts else as_text(own or others)


def read_own(folder: Path) -> Tree:
    """Read and check the site files of this repository; no program is run."""
    paths = sorted((folder / "sites").glob("*.yaml"))
    sites, diagnostics = validate(paths, folder)
    facts = {path.stem: site.model_dump(mode="json") for path, site in sites.items()}
    return _tree(folder, paths, facts, diagnostics, tuple(sites.values()))


def read_other(folder: Path, own: Tree) -> Tree:
    """Read the site files of another revision as they are: its schema may be another one."""
    paths = sorted((folder / "sites").glob("*.yaml"))
    facts = {}
    for path in paths:
        same = own.folder / "sites" / path.name
        if path.stem in own.facts and same.read_bytes() == path.read_bytes():
            facts[path.stem] = own.facts[path.stem]
        elif isinstance(data := read_document(path, path.name)[0].data, dict):
            facts[path.stem] = data
    return _tree(folder, paths, facts, ())


def _tree(
    folder: Path,
    paths: Sequence[Path],
    facts: Mapping[str, Mapping[str, Any]],
    diagnostics: Sequence[Diagnostic],
    sites: Sequence[Site] = (),
) -> Tree:
    contracts, _ = read_contracts(folder)
    reached = {name: egress(site, contracts) for name, site in facts.items()}
    names = tuple(path.stem for path in paths)
    return Tree(folder, names, facts, reached, contracts, diagnostics, sites)


def plan_sites(
    repository: Path, chosen: Sequence[str], against: str | None, progress: Progress
) -> Plan:
    """Return the plan of sites, of all that are not planned only where none is chosen.

    The working tree is run for them, and so is the revision `against`, side by side; not again for
    a site with the same file, where nothing but site files differs. Raises PlanError where there is
    no such site or revision.
    """
    with ExitStack() as stack:
        now = read_own(repository)
        before = None
        changes: Collection[str] = ()
        if against is not None:
            before = read_other(stack.enter_context(extracted(repository, against)), now)
            changes = differing(repository, against)
        names = _names(now, before, chosen)
        runs = [name for name in names if name in now.facts and (chosen or not now.planned(name))]
        earlier = [name for name in names if _deployed(name, before, now, runs)]
        same = set(_same(earlier, changes))
        again = [name for name in earlier if name not in same]
        planned_here = [site for site in now.sites if site.name in runs]
        for tree in (now, before) if before else (now,):
            ensure_helm(planned_here, tree.folder, progress)
        with progress.step(f"running the program for {_sites(len(runs))}"):
            current: Iterator[Recording] = iter(())
            old = current
            if runs:
                current = stack.enter_context(recordings(now.folder, runs, judge=True))
            if before and again:
                old = stack.enter_context(recordings(before.folder, again))
            plans = []
            for name in names:
                recorded = next(current) if name in runs else None
                base = recorded if name in same else next(old) if name in earlier else None
                plans.append(_plan(_Case(name, now, recorded, before, base)))
    return Plan(tuple(plans), against or "", _notes(plans))


def _names(now: Tree, before: Tree | None, chosen: Sequence[str]) -> list[str]:
    known = {*now.names, *(before.names if before else ())}
    for name in chosen:
        if name not in known:
            raise PlanError(
                f"there is no sites/{name}.yaml",
                remedy=f"there are: {', '.join(sorted(known)) or 'none'}",
            )
    return sorted(set(chosen) or known)


def _deployed(name: str, before: Tree | None, now: Tree, runs: Sequence[str]) -> bool:
    """Tell whether a site was one that is deployed, and has to be compared."""
    if before is None or name not in before.names or before.planned(name):
        return False
    return name in runs or name not in now.names


def _same(sites: Sequence[str], changes: Collection[str]) -> Iterator[str]:
    """Return the sites that have the same program and the same file in both revisions.

    The program of a site reads no other site's file, and may read any other file.
    """
    if all(PurePosixPath(path).parts[:-1] == ("sites",) for path in changes):
        yield from (site for site in sites if f"sites/{site}.yaml" not in changes)


@dataclass(frozen=True)
class _Case:
    """All that is known of one site: the trees, and what was recorded of their programs."""

    name: str
    now: Tree
    recorded: Recording | None
    before: Tree | None
    base: Recording | None

    def earlier(self) -> tuple[PlannedResource, ...] | None:
        """Return the resources of before, None where there are none to compare with."""
        if self.base is None or self.base.error:
            return None
        return planned(self.base.resources)

    def earlier_powers(self, resources: Sequence[PlannedResource]) -> tuple[Power, ...]:
        """Return the powers of before; hosts count as before where the files cannot be read."""
        assert self.before is not None
        known = self.before.egress.get(self.name, self.now.egress.get(self.name, {}))
        return powers.taken(resources, known)

    def fixed(self) -> tuple[str, ...]:
        """Return the fields of the site's file that may not change where it is deployed."""
        if self.base is None or self.before is None or self.name not in self.before.facts:
            return ()
        now, before = self.now.facts[self.name], self.before.facts[self.name]
        if now == before:
            return ()
        return safety.fixed(self.now.folder, self.name, now, before, self.now.contracts)


def _plan(case: _Case) -> SitePlan:
    if case.recorded is None:
        return _without_program(case)
    if case.recorded.error:
        return SitePlan(case.name, "failed", error=case.recorded.error)
    resources, earlier = planned(case.recorded.resources), case.earlier()
    taken = powers.taken(resources, case.now.egress[case.name])
    facts = case.now.facts[case.name]
    notes = [*_site_notes(case, resources)]
    if earlier is None:
        differing = Powers(taken)
        changes = compare.additions(resources)
    else:
        differing = powers.against(case.earlier_powers(earlier), taken)
        lines = safety.read_lines(facts)
        changes = compare.compare(earlier, resources, lines)
        notes += safety.useless(lines, changes) if lines else ()
    is_changed = changes or differing.added or differing.given_up
    return SitePlan(
        case.name,
        _status(case, changed=bool(is_changed)),
        changes,
        differing,
        totals.totals(resources, earlier, offers(facts), capacity(facts)),
        _findings(case.recorded, resources),
        refusals=case.fixed(),
        notes=tuple(notes),
    )


def _without_program(case: _Case) -> SitePlan:
    """Return the plan of a site for which no program is run: wrong, planned only, or gone."""
    if case.name in case.now.facts:
        return SitePlan(case.name, "planned")
    if case.name in case.now.names:
        return SitePlan(case.name, "failed", error=case.now.wrong(case.name))
    earlier = case.earlier()
    if earlier is None:
        return SitePlan(case.name, "removed", notes=tuple(_base_notes(case)))
    note = "its file is gone; nothing is deleted before somebody destroys what is deployed"
    return SitePlan(
        case.name,
        "removed",
        compare.deletions(earlier),
        Powers(given_up=case.earlier_powers(earlier)),
        totals.totals((), earlier, {}),
        notes=(note,),
    )


def _status(case: _Case, *, changed: bool) -> Status:
    if case.base is None:
        return "new"
    if case.base.error:
        return "uncompared"
    return "changed" if changed else "unchanged"


def _site_notes(case: _Case, resources: Sequence[PlannedResource]) -> Iterator[str]:
    yield from _base_notes(case)
    if any(each.type == "apps/DaemonSet" for each in resources):
        yield "a DaemonSet runs a pod on each node; the totals count one"


def _base_notes(case: _Case) -> Iterator[str]:
    if case.base is not None and case.base.error:
        yield f"not compared: in the other revision its program fails: {case.base.error}"
    elif case.before is not None and case.before.planned(case.name):
        yield "in the other revision it is planned only, so everything is new"
    elif case.before is not None and case.name not in case.before.names:
        yield "it is not in the other revision, so everything is new"


def _findings(
    recorded: Recording, resources: Sequence[PlannedResource]
) -> tuple[Finding, ...] | None:
    if recorded.findings is None:
        return None
    labels = {each.urn: each.label for each in resources}
    found = [
        Finding(
            policy=each["policy"],
            severity=each["severity"],
            resource=each["resource"],
            label=labels.get(each["resource"], each["resource"]),
            message=each["message"],
            remedy=each["remedy"],
            page=each["page"],
            exempted=each["exempted"],
        )
        for each in recorded.findings
    ]
    return tuple(sorted(found, key=lambda each: (not each.violated, each.severity, each.resource)))


def _notes(plans: Sequence[SitePlan]) -> tuple[str, ...]:
    judged = [plan for plan in plans if plan.status not in ("failed", "planned", "removed")]
    if any(plan.findings is None for plan in judged):
        return ("no policy has judged: the tree has no policies/offline.py",)
    return ()


def _sites(count: int) -> str:
    return "one site" if count == 1 else f"{count} sites"
