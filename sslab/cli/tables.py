"""Where the commands print their tables."""

from __future__ import annotations

from rich.console import Console


def console(width: int = 200) -> Console:
    """Return the console for tables: as wide as the terminal, and this wide without one."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=width)
