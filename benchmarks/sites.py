"""Speed of `sslab` on site files: the start of the command, this repository's files, and many.

Wall-clock seconds, the least of five runs; the many are copies of sites/chicago.yaml with a name,
a domain and a kubeconfig context of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from sslab.fork.ownership import founding_sites

ROOT = Path(__file__).parents[1]
SSLAB = ROOT / ".venv/bin/sslab"
LIKE = "chicago"


def tree(folder: Path, count: int) -> Path:
    """Make a tree that has so many site files, and the patterns of this one; return it."""
    root = folder / f"{count}-sites"
    root.mkdir(parents=True)
    for name in ("Pulumi.yaml", "__main__.py", "patterns", "components", "policies", "images"):
        (root / name).symlink_to(ROOT / name)
    for name in ("sslab", "toolchain", "docs"):
        (root / name).symlink_to(ROOT / name)
    (root / "sites").mkdir()
    text = (founding_sites(ROOT) / f"{LIKE}.yaml").read_text(encoding="utf-8")
    for number in range(count):
        name = f"{LIKE}{number}"
        (root / "sites" / f"{name}.yaml").write_text(
            text.replace(f"name: {LIKE}\n", f"name: {name}\n")
            .replace(f"domain: {LIKE}.", f"domain: {name}.")
            .replace(f"context: ssl-{LIKE}", f"context: ssl-{name}"),
            encoding="utf-8",
        )
    return root


def least(words: list[str], folder: Path, runs: int = 5) -> float:
    """Return the least of the times that a command takes in a folder; stop when it fails."""
    took = []
    # Python's compiled modules are kept, as they are after any first run
    environment = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - started)
    return min(took)


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="sslab-bench-"))
    try:
        results = {
            "sslab --help (s)": least([str(SSLAB), "--help"], ROOT),
            "sslab validate, this repository (s)": least([str(SSLAB), "validate"], ROOT),
        }
        for count in (50, 200, 800):
            many = tree(folder, count)
            results[f"sslab validate, {count} sites (s)"] = least(
                [str(SSLAB), "validate"], many, runs=3
            )
    finally:
        shutil.rmtree(folder)
    for name, value in results.items():
        print(f"{name:45} {value:8.2f}")


if __name__ == "__main__":
    main()
