"""A pull request's plan: made by the job that runs its code, told by one that does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sslab.catalogue.loading import load_contracts
from sslab.deploy.credentials import require_committed
from sslab.deploy.waves import deployable
from sslab.errors import SslabError
from sslab.git import changed_files, commit_of
from sslab.github.client import Client
from sslab.github.comments import Place, put
from sslab.github.errors import GitHubError
from sslab.plan.errors import PlanError
from sslab.plan.markdown import as_markdown, code
from sslab.plan.model import Plan, SitePlan
from sslab.plan.planning import plan_sites
from sslab.plan.transfer import dumped, lean, loaded
from sslab.progress import Progress
from sslab.site.diagnostics import SiteError

KIND: Final = "plan"
PROGRAM: Final = ("__main__.py", "components", "images", "patterns", "policies", "sites", "sslab")
"""What a plan can depend on."""

AROUND: Final = 10_000
"""Characters of a comment that are not the plan's."""

LISTED: Final = 20
LARGEST: Final = 50_000_000
"""Bytes of a plan that are read: more is nobody's plan."""


@dataclass(frozen=True)
class Proposal:
    """What a pull request does: its number, its commit, its plan, the program's files in it.

    `lacking` says what a deployment would stop for, beside what the plan says.
    """

    number: int
    commit: str
    plan: Plan
    files: tuple[str, ...]
    lacking: tuple[str, ...] = ()


def make(repository: Path, number: int, commit: str, base: str, progress: Progress) -> Proposal:
    """Plan every site of the checked-out tree against a base revision. Raises PlanError."""
    against = commit_of(repository, base)
    if against is None:
        raise PlanError(
            f"there is no revision {base!r} in {repository}", remedy="check out the whole history"
        )
    plan = plan_sites(repository, (), against, progress)
    files = tuple(changed_files(repository, against, *PROGRAM))
    return Proposal(number, commit, lean(plan), files, tuple(_lacking(repository, plan)))


def _lacking(repository: Path, plan: Plan) -> Iterator[str]:
    """Yield which sites get a deployment for which their credentials are not in git."""
    try:
        sites = deployable(repository, [each.site for each in plan.sites if _differs(each)])
    except SiteError:
        return  # the plan says what is wrong
    contracts = load_contracts(repository)
    for site in sites.values():
        if site.rollout.mode == "pull":
            continue
        try:
            require_committed(repository, site, contracts)
        except SslabError as error:
            yield str(error)


def write(proposal: Proposal, path: Path) -> None:
    """Write a proposal where another job takes it from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumped(Proposal, proposal), encoding="utf-8")


def read(path: Path) -> Proposal:
    """Read a proposal that whoever opened the pull request may have written. Raises PlanError."""
    if path.stat().st_size > LARGEST:
        raise PlanError(f"{path} is larger than any plan", remedy="it is not read")
    return loaded(Proposal, path.read_bytes())


def as_comment(proposal: Proposal) -> str:
    """Return the comment about a proposal."""
    plan = proposal.plan
    parts = [as_markdown(plan, reserved=AROUND)]
    if not any(map(_differs, plan.sites)) and proposal.files:
        files = ", ".join(code(name, 100) for name in proposal.files[:LISTED])
        more = len(proposal.files) - LISTED
        parts.append(
            f"\nThe program was run with the change and without it: {files}"
            f"{f' and {more} more' if more > 0 else ''} changed, and no site's plan with it. "
            "Nothing is deployed when this is merged.\n"
        )
    elif any(site.refused for site in plan.sites):
        parts.append("\n**This change is refused as it stands**: see above for what to mend.\n")
    parts += [f"\nBefore it can be deployed: {code(each)}\n" for each in proposal.lacking[:LISTED]]
    parts.append(f"\nOf commit {code(proposal.commit, 40)}; a new push changes this comment.\n")
    return "".join(parts)


def _differs(site: SitePlan) -> bool:
    return site.status not in ("unchanged", "planned") or site.alarming


def tell(client: Client, proposal: Proposal, run: Mapping[str, Any]) -> str | None:
    """Put the comment below the pull request and return its address; `run` is the one that planned.

    None where the pull request has moved on: the run of its newer commit comments. Raises
    GitHubError where the run was not of that pull request: its number is what that run says.
    """
    pull = client.get(f"pulls/{proposal.number}")
    if _source(pull["head"]["repo"]) != _source(run["head_repository"]):
        raise GitHubError(
            f"pull request {proposal.number} comes from {_source(pull['head']['repo'])}, and the "
            f"plan from {_source(run['head_repository'])}",
            remedy="nothing was written: a plan can be shown only where it was made",
        )
    if pull["head"]["sha"] != run["head_sha"] or pull["state"] != "open":
        return None
    if proposal.commit != run["head_sha"]:
        raise GitHubError(
            f"the plan says that it is of {proposal.commit}, and its run was of {run['head_sha']}",
            remedy="nothing was written",
        )
    return put(client, Place.below_issue(proposal.number), KIND, as_comment(proposal))


def _source(repository: Mapping[str, Any] | None) -> str:
    return str(repository["full_name"]) if repository else "a repository that is gone"


def verdict(proposal: Proposal) -> Sequence[str]:
    """Return the sites that refuse a proposal."""
    return [site.site for site in proposal.plan.sites if site.refused]
