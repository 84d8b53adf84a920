"""What each pattern costs beside the same computation in one plain process on the same machine.

A laboratory of its own with every pattern comes up (`sites/local-full.yaml`). Then one pattern
after the other gets another seed, so that all of its work is done anew, and nothing else runs
meanwhile: measured is the time from its first Job to the end of its last. `benchmarks/plain.py`
computes the same in one process. fan-out and event-processing do so with 1, 2 and 4 workers.

    python -m benchmarks.patterns [PATTERN ...]

Needs root on Linux, takes half an hour, and prints a table; the last line is JSON. Seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.laboratories import said
from benchmarks.plain import PLAIN
from tests.e2e.conftest import ROOT, Lab, copied_clone

SITE, PORT = "local-full", 18391
FIRST_SEED = 20261126
WORKERS: Mapping[str, tuple[Mapping[str, int], ...]] = {
    "fan-out": tuple({"tasks_at_once": each} for each in (1, 2, 4)),
    # twelve files: each worker is worth three, so that four of them come
    "event-processing": tuple({"most_workers": n, "files_per_worker": 3} for n in (1, 2, 4)),
}


class Full:
    """The laboratory with every pattern, in a copy of the clone."""

    def __init__(self, folder: Path) -> None:
        """Copy the clone; nothing is up yet."""
        self._lab = Lab(copied_clone(folder), folder / "state", {})
        self._file = self._lab.clone / f"sites/{SITE}.yaml"
        self._file.write_text(self._file.read_text().replace("8090", str(PORT)))

    def up(self) -> dict[str, float]:
        """Bring it up; return the seconds to the first number that was right, and to the last."""
        words = [str(self._lab.clone / ".venv/bin/sslab"), "up", SITE, "--yes"]
        started, first = time.monotonic(), 0.0
        with subprocess.Popen(
            words,
            cwd=self._lab.clone,
            env=self._lab.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None  # it is a pipe
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.lstrip().startswith("ok ") and not first:
                    first = time.monotonic() - started
        if process.returncode or not first:
            raise SystemExit("".join(lines[-60:]))
        return {"first number": first, "all numbers": time.monotonic() - started}

    def again(self, pattern: str, settings: Mapping[str, int]) -> tuple[float, dict[str, str]]:
        """Let a pattern do its work with other settings.

        Returns the seconds from its first Job to the end of its last, and the settings of its pods.
        """
        document = yaml.safe_load(self._file.read_text())
        document["patterns"][pattern] = dict(settings)
        self._file.write_text(yaml.safe_dump(document, sort_keys=False))
        words = f"pulumi up -s {SITE} --yes --skip-preview --non-interactive --suppress-progress"
        said(self._shell(words))
        jobs = json.loads(said(self._shell(f"kubectl get jobs -n {pattern} -o json")))["items"]
        begun = min(_time(job["metadata"]["creationTimestamp"]) for job in jobs)
        ended = max(_time(job["status"]["completionTime"]) for job in jobs)
        return ended - begun, _literal(jobs)

    def down(self) -> None:
        """Take it away."""
        said(self._lab.sslab("destroy", SITE, "--yes"))

    def _shell(self, words: str) -> subprocess.CompletedProcess[str]:
        script = f'eval "$(.venv/bin/sslab env {SITE})" && {words}'
        return self._lab.run("bash", "-c", script, timeout_s=1800)


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _literal(jobs: list[dict[str, Any]]) -> dict[str, str]:
    """Return the variables of the pods that are no secrets."""
    found: dict[str, str] = {}
    for job in jobs:
        (container,) = job["spec"]["template"]["spec"]["containers"]
        found |= {each["name"]: each["value"] for each in container["env"] if "value" in each}
    return found


def plain(pattern: str, settings: Mapping[str, str]) -> float:
    """Return the seconds that one plain process takes for the same."""
    package = ROOT / "patterns" / pattern.replace("-", "_") / "workload"
    environment = {
        **os.environ,
        # one thread, as in the pods
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "none"),
        **settings,
        "PYTHONPATH": f"{ROOT}:{package}:{ROOT / 'images/analysis'}",
    }
    started = time.monotonic()
    words = [sys.executable, "-m", "benchmarks.plain", pattern]
    said(subprocess.run(words, env=environment, capture_output=True, text=True, check=False))
    return time.monotonic() - started


@contextmanager
def laboratory() -> Iterator[Full]:
    """Copy the clone, and take away whatever comes up in it."""
    with tempfile.TemporaryDirectory(prefix="sslab-bench-") as name:
        full = Full(Path(name))
        try:
            yield full
        finally:
            full.down()


def main(patterns: list[str]) -> None:
    """Measure and print."""
    unknown = set(patterns) - PLAIN.keys()
    if unknown:
        sys.exit(f"no such pattern: {', '.join(sorted(unknown))}; there are: {', '.join(PLAIN)}")
    results: dict[str, Any] = {}
    with laboratory() as full:
        results["up"] = full.up()
        for what, seconds in results["up"].items():
            print(f"from `sslab up` to the {what:20} {seconds:8.1f}")
        print(f"{'pattern':44} {'Jobs':>7} {'plain':>7} {'more':>7} {'ratio':>6}", flush=True)
        seed = FIRST_SEED
        for pattern in patterns or PLAIN:
            for chosen in WORKERS.get(pattern, ({},)):
                seed += 1
                jobs, settings = full.again(pattern, {"seed": seed, **chosen})
                alone = plain(pattern, settings)
                name = " ".join([pattern, *(f"{key}={value}" for key, value in chosen.items())])
                results[name] = {"jobs": jobs, "plain": alone}
                print(
                    f"{name:44} {jobs:7.1f} {alone:7.1f} {jobs - alone:7.1f} {jobs / alone:6.1f}",
                    flush=True,
                )
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1:])
