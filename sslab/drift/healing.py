"""What `sslab up --heal` says: before, what it puts back; afterwards, whether it is."""

from __future__ import annotations

from collections.abc import Callable

from sslab.drift.model import ObjectDrift
from sslab.drift.report import object_lines
from sslab.engine.drift import NotDeployedError
from sslab.errors import SslabError
from sslab.progress import Progress

Look = Callable[[], tuple[ObjectDrift, ...]]


def to_heal(look: Look, progress: Progress) -> tuple[ObjectDrift, ...]:
    """Show what has drifted and return it; where nothing is deployed yet, nothing has."""
    try:
        found = look()
    except NotDeployedError:
        progress.line("  nothing is deployed yet, so that nothing has drifted")
        return ()
    progress.line(f"  {_objects(found)} to put back" if found else "  nothing has drifted")
    for each in found:
        for text in object_lines(each):
            progress.line(f"    {text}")
    return found


def require_healed(before: tuple[ObjectDrift, ...], look: Look, progress: Progress) -> None:
    """Say what is put back. Raises SslabError where an object still differs."""
    if not before:
        return
    left = look()
    if left:
        raise SslabError(
            f"{_objects(left)} differ again: {', '.join(each.label for each in left)}",
            remedy="somebody or something keeps changing them: `sslab drift` says who",
        )
    progress.line(f"  {_objects(before)} put back")


def _objects(found: tuple[ObjectDrift, ...]) -> str:
    return f"{len(found)} object{'' if len(found) == 1 else 's'}"
