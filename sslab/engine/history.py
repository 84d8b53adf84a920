"""What was deployed at a site: when, by whom, from which git revision, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sslab.engine.stack import Stack

DEPLOYED = "update"
"""The kind of a deployment; the others are `refresh`, `destroy`, `import`."""


@dataclass(frozen=True)
class Update:
    """One update of a stack. What Pulumi has not recorded is empty."""

    kind: str
    result: str
    started: datetime
    ended: datetime | None
    who: str
    revision: str
    dirty: bool
    message: str
    changes: Mapping[str, int] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Tell whether it went to its end."""
        return self.result == "succeeded"

    @property
    def reproducible(self) -> bool:
        """Tell whether the revision says all that was deployed."""
        return bool(self.revision) and not self.dirty

    def as_json(self) -> dict[str, Any]:
        """Return it as `sslab history --format json` prints it (docs/state.md)."""
        return {
            "kind": self.kind,
            "result": self.result,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat() if self.ended else None,
            "who": self.who or None,
            "revision": self.revision or None,
            "dirty": self.dirty,
            "message": self.message or None,
            "changes": dict(self.changes),
        }


def updates(stack: Stack, most: int) -> list[Update]:
    """Return the last updates of a stack, the newest first."""
    return [_update(record) for record in stack.history(most)]


def before(history: Sequence[Update]) -> Update | None:
    """Return the newest deployment that succeeded with another revision than the present one.

    What was deployed with uncommitted changes is left out: no revision says what it was.
    """
    deployed = [update for update in history if update.kind == DEPLOYED]
    present = deployed[0] if deployed else None
    earlier = (
        update
        for update in deployed
        if update.succeeded
        and update.reproducible
        and present is not None
        and (present.dirty or update.revision != present.revision)
    )
    return next(earlier, None)


def _update(record: Mapping[str, Any]) -> Update:
    about = record.get("environment") or {}
    said = str(record.get("message") or "")
    by_message = re.fullmatch(r"\S+@\S+", said)  # as `sslab up` and `sslab env` give it
    who = said if by_message else ""
    if about.get("ci.system"):
        who = f"{about['ci.system']} {about.get('ci.build.number', '')}".strip()
    return Update(
        kind=str(record["kind"]),
        result=str(record.get("result") or "in progress"),
        started=_time(record["startTime"]),
        ended=_time(record["endTime"]) if record.get("endTime") else None,
        who=who,
        revision=str(about.get("git.head", "")),
        dirty=about.get("git.dirty") == "true",
        message="" if by_message else said,
        changes={
            kind: int(count)
            for kind, count in sorted((record.get("resourceChanges") or {}).items())
            if count
        },
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
