"""Which sites a merge concerns, and in which order they get it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sslab.cluster.access import embedded
from sslab.deploy import good
from sslab.errors import SslabError
from sslab.git import changed_files
from sslab.plan.describe import STATUSES
from sslab.plan.model import CHANGE_KINDS, SitePlan
from sslab.plan.planning import plan_sites
from sslab.progress import Progress
from sslab.site.cluster import HpcSite
from sslab.site.diagnostics import SiteError
from sslab.site.loading import validate
from sslab.site.model import Site

WAVES: Final = range(10)
Mode = Literal["push", "pull"]


@dataclass(frozen=True)
class Due:
    """One site that has to be deployed, and why in words."""

    site: str
    wave: int
    mode: Mode
    why: str


@dataclass(frozen=True)
class Rollout:
    """What a merge does: the sites that are due, those that are not, those whose file is gone."""

    due: tuple[Due, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    def wave(self, number: int) -> dict[Mode, list[str]]:
        """Return the sites of a wave by the way in which they get the change."""
        modes: tuple[Mode, ...] = ("push", "pull")
        return {
            mode: [each.site for each in self.due if (each.wave, each.mode) == (number, mode)]
            for mode in modes
        }


def deployable(repository: Path, names: Iterable[str] | None = None) -> dict[str, Site]:
    """Return the sites that workflows deploy, by name. Raises SiteError where a file is wrong.

    Those that are planned only and those without Kubernetes are left out, and embedded clusters:
    each is of the machine that runs it. Only the files of `names` are read; default: all.
    """
    paths = sorted((repository / "sites").glob("*.yaml"))
    if names is not None:
        chosen = set(names)
        paths = [path for path in paths if path.stem in chosen]
    loaded, diagnostics = validate(paths, repository)
    if diagnostics:
        raise SiteError(diagnostics)
    return {
        site.name: site
        for site in loaded.values()
        if site.status == "active" and not isinstance(site.cluster, HpcSite) and not embedded(site)
    }


def rollout(repository: Path, progress: Progress, only: str | None = None) -> Rollout:
    """Return what a deployment of the checked-out revision does.

    Each site is planned against its own last good revision: what was skipped or has failed before
    is made up for. `only` is deployed whatever its plan says, and nothing else is.
    """
    sites = deployable(repository)
    if only is not None:
        if only not in sites:
            raise SslabError(
                f"{only} is no site that workflows deploy",
                remedy=f"there are: {', '.join(sites) or 'none'}",
            )
        return Rollout((_due(sites[only], "asked for"),), (), ())
    due = []
    for base, names in _by_revision(repository, sites).items():
        reasons = _reasons(repository, names, base, progress)
        due += [_due(sites[name], why) for name, why in reasons.items()]
    concerned = {each.site for each in due}
    known = {path.stem for path in (repository / "sites").glob("*.yaml")}
    return Rollout(
        tuple(sorted(due, key=lambda each: (each.wave, each.site))),
        tuple(name for name in sites if name not in concerned),
        tuple(name for name in good.sites(repository) if name not in known),
    )


def _due(site: Site, why: str) -> Due:
    return Due(site.name, site.rollout.wave, site.rollout.mode, why)


def _by_revision(repository: Path, names: Iterable[str]) -> Mapping[str | None, list[str]]:
    """Return the sites by their last good revision, so that each revision is run once."""
    found: dict[str | None, list[str]] = defaultdict(list)
    for name in names:
        found[good.revision(repository, name)].append(name)
    return found


def _reasons(
    repository: Path, names: list[str], base: str | None, progress: Progress
) -> dict[str, str]:
    """Return why sites are due, by name, for those that are."""
    if base is None:
        return dict.fromkeys(names, "never deployed")
    plan = plan_sites(repository, names, base, progress)
    reasons = {site.site: _why(site) for site in plan.sites}
    # no plan shows what is encrypted
    stacks = {Path(name).name for name in changed_files(repository, base, "stacks")}
    for name in names:
        if f"Pulumi.{name}.yaml" in stacks and not reasons.get(name):
            reasons[name] = "its credentials"
    return {name: why for name, why in reasons.items() if why}


def _why(site: SitePlan) -> str:
    if site.status == "unchanged":
        return ""
    counts = ", ".join(f"{kind} {site.counts[kind]}" for kind in CHANGE_KINDS if site.counts[kind])
    return STATUSES[site.status] if site.status != "changed" else counts or "its powers"
