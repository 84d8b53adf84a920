"""Which data are gone when a resource is deleted or replaced, and whether the site lets them go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sslab.plan.model import PlannedResource
from sslab.safety import holding
from sslab.safety.lines import Lines, names_of


@dataclass(frozen=True)
class Losses:
    """What was there before, and the lines of the site file that let some of it go.

    Without lines nobody is asked: what is lost is told, and nothing is refused.
    """

    namespaces: frozenset[str] = frozenset()
    lines: Lines | None = None

    @classmethod
    def of(cls, before: Iterable[PlannedResource], lines: Lines | None = None) -> Losses:
        """Return the losses where `before` is what is deployed."""
        return cls(holding.namespaces_with_data((each.type, each.at) for each in before), lines)

    def lost(self, resource: PlannedResource) -> str:
        """Return which data are gone where a resource is deleted or replaced; or nothing."""
        if resource.options.get("retain_on_delete"):
            return ""  # it leaves Pulumi's state and stays where it is
        if resource.type == holding.NAMESPACE:
            own = str(resource.at("metadata", "name") or resource.name)
            return holding.HELD[holding.NAMESPACE] if own in self.namespaces else ""
        return holding.held(resource.type, resource.at)

    def refused(self, resource: PlannedResource) -> str:
        """Return why data may not be lost, nothing where none are or a line lets them go."""
        if self.lines is None or not self.lost(resource):
            return ""
        known = names(resource)
        return "" if self.lines.standing(known) else self.lines.refusal(known)

    def allowed(self, resource: PlannedResource) -> str:
        """Return which line lets data go, nothing where none does."""
        line = self.lines.standing(names(resource)) if self.lines else None
        if line is None or not self.lost(resource):
            return ""
        return f"data_loss lets it go until {line.expires}: {line.reason}"


def kept(resource: PlannedResource) -> str:
    """Return what stays where one might think that it is lost; empty where there is nothing."""
    if resource.options.get("retain_on_delete"):
        return "it stays where it is (retain_on_delete), only Pulumi forgets it"
    makes = holding.makes_claims(resource.type, resource.at)
    if makes and not holding.held(resource.type, resource.at):
        return "the claims that it made stay, with their data, and somebody has to delete them"
    if resource.type == holding.NAMESPACE:
        return "what others have put into the namespace goes with it"
    if resource.group == "helm.sh":
        return "what is in the chart goes with it, into which the plan does not see"
    return ""


def names(resource: PlannedResource) -> tuple[str, ...]:
    """Return what a resource may be called in `data_loss`."""
    return names_of(resource.kind, resource.name, resource.at)
