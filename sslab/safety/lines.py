"""The lines of `data_loss` in a site file: which object each names, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sslab.safety.holding import At
from sslab.site.agreement import DataLoss
from sslab.site.model import Site


@dataclass(frozen=True)
class Lines:
    """The lines of one site, and the day on which they are read."""

    site: str
    lines: tuple[DataLoss, ...]
    today: date

    @classmethod
    def of(cls, site: Site, today: date | None = None) -> Lines:
        """Return the lines of a site."""
        return cls(site.name, site.data_loss, today or date.today())

    def standing(self, names: Iterable[str]) -> DataLoss | None:
        """Return the line that lets an object go today; `names` is what it may be called."""
        known = set(names)
        return next(
            (each for each in self.lines if each.object in known and self.holds(each)), None
        )

    def holds(self, line: DataLoss) -> bool:
        """Tell whether a line has not ended."""
        return self.today <= date.fromisoformat(line.expires)

    def refusal(self, names: tuple[str, ...]) -> str:
        """Return why an object may not go, and the line that would let it."""
        ended = [each.expires for each in self.lines if each.object in names]
        file = f"sites/{self.site}.yaml"
        if ended:
            return (
                f"the line for {names[0]} in data_loss of {file} ended on {max(ended)}; give it a "
                "later last day, if the data may be lost"
            )
        return (
            f"{names[0]} is protected; if its data may be lost, add to data_loss in {file}: "
            f'{{object: {names[0]}, reason: <why>, expires: "<the last day, as in 2027-03-31>"}}'
        )


def names_of(kind: str, name: str, at: At) -> tuple[str, ...]:
    """Return what a resource may be called in a line, the usual one first.

    `name` is what Pulumi calls it. What is no object of Kubernetes may be called by that too.
    """
    own = at("metadata", "name")
    if own:
        namespace = at("metadata", "namespace")
        return (f"{kind}/{namespace}/{own}" if namespace else f"{kind}/{own}",)
    physical = at("name")
    return tuple(dict.fromkeys(f"{kind}/{each}" for each in (name, physical) if each))
