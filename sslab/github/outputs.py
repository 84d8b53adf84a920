"""What a step hands to the steps after it, and to whoever looks at the run."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def set_output(name: str, value: str) -> None:
    """Set an output of the step, where there is one; `value` is one line."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"the output {name} has more than one line")
    _append("GITHUB_OUTPUT", f"{name}={value}\n")


def set_environment(name: str, value: str) -> None:
    """Set a variable for the steps that follow; it may have any number of lines."""
    end = secrets.token_hex(16)
    _append("GITHUB_ENV", f"{name}<<{end}\n{value}\n{end}\n")


def summarize(markdown: str) -> None:
    """Add to the page of the run, where there is one."""
    _append("GITHUB_STEP_SUMMARY", f"{markdown}\n")


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
