"""Speed of a drift check of an unchanged site, against `kubectl diff` of its rendered tree.

It looks at the local laboratory (`make up` first) and changes nothing. Wall-clock seconds, the
least of five runs; the last line is JSON. Both ask the API server for every object: `kubectl diff`
has it apply each one without keeping the result, the drift check reads it and compares.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SSLAB = ROOT / ".venv/bin/sslab"
RUNS = 5


def least(script: str, *codes: int) -> float:
    """Return the least of the times that a script takes; stop when it ends with another code."""
    took = []
    words = ["bash", "-c", f'eval "$({SSLAB} env local)"; {script}']
    for _ in range(RUNS):
        started = time.perf_counter()
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        took.append(time.perf_counter() - started)
        if done.returncode not in codes:
            sys.exit(f"{script}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return min(took)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="sslab-bench-") as folder:
        subprocess.run([SSLAB, "render", "local", "-o", folder], cwd=ROOT, check=True)
        count = len(list(Path(folder).glob("[0-9]*.yaml")))
        # the hash of secrets that a rendering does not know is a difference: exit code 1
        diff = least(f"kubectl diff --server-side --force-conflicts -k {folder}", 0, 1)
        shell = least("true", 0)
    drift = least(f"{SSLAB} drift local", 0)
    results = {
        "objects of the rendered tree": count,
        "sslab drift, nothing has drifted (s)": drift - shell,
        "kubectl diff of the rendered tree (s)": diff - shell,
        "sslab drift / kubectl diff": (drift - shell) / (diff - shell),
    }
    for name, value in results.items():
        print(f"{name:45} {value:8.2f}")
    print(json.dumps({name: round(value, 3) for name, value in results.items()}))


if __name__ == "__main__":
    main()
