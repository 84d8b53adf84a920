"""The code of a pattern's analysis, as it is mounted into its pods."""

from __future__ import annotations

from pathlib import Path


def sources(package: str) -> dict[str, str]:
    """Return the files of `patterns/<package>/workload/<package>/`: name to text.

    The package is flat: a ConfigMap has no folders. Beside code it may hold data and workflows.
    """
    folder = Path(__file__).parent / package / "workload" / package
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.suffix in {".py", ".yml", ".json"}
    }
