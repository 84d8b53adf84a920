"""The plan as data: what happens to each resource of a site, what the site gives up and gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

KUBERNETES = "kubernetes"

ChangeKind = Literal["add", "change", "replace", "delete"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("delete", "replace", "change", "add")
"""In the order in which a reviewer wants to see them."""

Status = Literal["new", "changed", "unchanged", "removed", "uncompared", "planned", "failed"]
"""`uncompared`: what was before is not known. `planned`: skipped. `failed`: there is no plan."""


@dataclass(frozen=True)
class PlannedResource:
    """One resource that a program asks for.

    `key` is the URN without the stack: the types of its parents, its own and its name. `former` are
    the keys that the program says it had before. `inputs` are plain data, a secret reads
    `(secret)`; `secrets` are the paths of what is kept encrypted, `digests` say which two of them
    are the same.
    """

    token: str
    name: str
    urn: str
    key: str
    former: tuple[str, ...]
    provider: str
    custom: bool
    inputs: Mapping[str, Any]
    secrets: frozenset[str]
    options: Mapping[str, Any]
    digests: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    @cached_property
    def api(self) -> str:
        """The Kubernetes API version (`apps/v1`, `core/v1`); empty for any other resource."""
        package, _, rest = self.token.partition(":")
        version = rest.rpartition(":")[0] if package == KUBERNETES else ""
        return "core/v1" if version == "v1" else version

    @cached_property
    def group(self) -> str:
        """The Kubernetes API group (`core`, `apps`); empty for any other resource."""
        return self.api.partition("/")[0]

    @cached_property
    def type(self) -> str:
        """What tables know it by: `apps/Deployment`, for any other provider the whole token."""
        return f"{self.group}/{self.kind}" if self.group else self.token

    @cached_property
    def kind(self) -> str:
        """The last part of the token: `Deployment`."""
        return self.token.rpartition(":")[2]

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of a Kubernetes object, empty where there is none to read."""
        found = self.inputs.get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def namespace(self) -> str:
        """The namespace that a Kubernetes object states, else empty."""
        return str(self.metadata.get("namespace") or "")

    @cached_property
    def label(self) -> str:
        """How a person calls it: `Deployment traefik/traefik`, `Bucket data`."""
        own = str(self.metadata.get("name") or self.name)
        if self.token.startswith("pulumi:providers:"):
            return f"Provider {self.kind}/{own}"
        return f"{self.kind} {self.namespace}/{own}" if self.namespace else f"{self.kind} {own}"

    @cached_property
    def identity(self) -> tuple[str, ...] | None:
        """Which object of the cluster it is, None where its name is not known beforehand."""
        own = self.metadata.get("name")
        named = self.group and self.custom and own
        return (self.group, self.kind, self.namespace, str(own)) if named else None

    def at(self, *steps: str) -> Any:
        """Return the input under nested keys, None where a step is missing."""
        value: Any = self.inputs
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


@dataclass(frozen=True)
class FieldChange:
    """One field that differs. `steps` lead to it, `[name]` being an element of a list.

    `before` or `after` is None where the field is not there.
    """

    steps: tuple[str, ...]
    before: Any
    after: Any
    secret: bool = False

    @property
    def path(self) -> str:
        """The dotted path: `spec.template.spec.containers[web].image`."""
        text = ""
        for step in self.steps:
            plain = step.startswith("[") or not set(step) & set('."[]')
            shown = step if plain else f'["{step}"]'
            text += shown if shown.startswith("[") or not text else f".{shown}"
        return text


@dataclass(frozen=True)
class Change:
    """What happens to one resource, and why in words.

    `loses` says which data are gone afterwards, `unallowed` why they may not be, `refused` why the
    deployment would fail here; each is empty where that is not so.
    """

    kind: ChangeKind
    resource: PlannedResource
    fields: tuple[FieldChange, ...] = ()
    reasons: tuple[str, ...] = ()
    loses: str = ""
    unallowed: str = ""
    refused: str = ""


@dataclass(frozen=True, order=True)
class Power:
    """Something that the laboratory may do or knows beyond its own namespaces.

    `kind` is a group such as `cluster-scoped objects`, `what` the thing itself, `who` has it.
    """

    kind: str
    what: str
    who: str


@dataclass(frozen=True)
class Powers:
    """The powers taken, and what a change adds to them or gives up; each sorted."""

    taken: tuple[Power, ...] = ()
    added: tuple[Power, ...] = ()
    given_up: tuple[Power, ...] = ()


@dataclass(frozen=True)
class Total:
    """One amount that the pods or claims request together: cores, bytes or a count.

    `before` is None without a comparison, `offered` where the site states no quota, `capacity`, of
    the whole site, where that is not known.
    """

    name: str
    now: Fraction
    before: Fraction | None = None
    offered: Fraction | None = None
    capacity: Fraction | None = None


@dataclass(frozen=True)
class Finding:
    """What a policy says about a resource, given by its URN and by what a person calls it.

    `exempted` is the reason for which it may be so.
    """

    policy: str
    severity: str
    resource: str
    label: str
    message: str
    remedy: str
    page: str
    exempted: str | None

    @property
    def violated(self) -> bool:
        """Whether it stands in the way of the deployment."""
        return self.severity == "mandatory" and self.exempted is None


@dataclass(frozen=True)
class SitePlan:
    """The plan of one site.

    `findings` is None where no policy has judged. `error` says why there is no plan, `refusals` why
    its site file is refused beside what is deployed, `notes` what a reader has to know about one,
    such as that there was nothing to compare it with.
    """

    site: str
    status: Status
    changes: tuple[Change, ...] = ()
    powers: Powers = Powers()
    totals: tuple[Total, ...] = ()
    findings: tuple[Finding, ...] | None = None
    error: str = ""
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Mapping[ChangeKind, int]:
        """How many resources each kind of change concerns."""
        return {kind: sum(change.kind == kind for change in self.changes) for kind in CHANGE_KINDS}

    @property
    def refused(self) -> bool:
        """Whether the program, a mandatory policy, or what would be lost refuses the site."""
        return bool(self.error or self.refusals) or any(
            (
                *(finding.violated for finding in self.findings or ()),
                *(change.unallowed for change in self.changes),
            )
        )

    @property
    def alarming(self) -> bool:
        """Whether a reviewer must not miss it: lost data, a failing deployment, a refusal."""
        return self.refused or any(change.loses or change.refused for change in self.changes)

    @property
    def quiet(self) -> bool:
        """Whether its name is all that there is to say: no change, or planned only."""
        return self.status == "planned" or (self.status == "unchanged" and not self.alarming)


@dataclass(frozen=True)
class Plan:
    """The plan of several sites, in the order of their names.

    `against` is the revision that they are compared with as it was given, empty where there is
    none.
    """

    sites: tuple[SitePlan, ...]
    against: str = ""
    notes: tuple[str, ...] = field(default=())
