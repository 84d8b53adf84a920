"""Speed and memory of `sslab plan` for a hundred sites, against `kubectl kustomize`.

Needs no cluster. It copies the repository, makes a hundred site files of one, and plans them alone,
against a revision where every site differs, and against one where none does. The same objects as
plain files are what kubectl builds, a folder a site. Prints a table; the last line is JSON.
Wall-clock seconds, seconds of CPU, mebibytes of proportional set size of all processes together.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from sslab.engine.recorder import recordings

ROOT = Path(__file__).parents[1]
SSLAB = (str(ROOT / ".venv/bin/sslab"), "plan", "--all", "--format", "json")
SITES = 100
FOLDERS = ("components", "images", "patterns", "policies", "sslab", "toolchain")


@contextmanager
def copy() -> Iterator[Path]:
    """Lay a copy of the repository with a hundred sites into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sslab-bench-") as folder:
        tree = Path(folder) / "clone"
        tree.mkdir()
        for name in FOLDERS:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("__main__.py", "Pulumi.yaml"):
            shutil.copy2(ROOT / name, tree / name)
        write_sites(tree, replicas=1)
        git(tree, "init", "--quiet")
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "--message", "base")
        yield tree


def write_sites(tree: Path, *, replicas: int) -> None:
    """Write the site files, each with a name, a domain and a context of its own."""
    yaml = YAML()
    models = [ROOT / "sites" / name for name in ("chicago.yaml", "local.yaml")]
    site = yaml.load(next(model for model in models if model.exists()))
    (tree / "sites").mkdir(exist_ok=True)
    for number in range(SITES):
        name = f"site-{number:03}"
        site.update(name=name, title=name, status="active")
        site["cluster"] = {"kind": "existing", "context": f"context-{number:03}"}
        site["ingress"]["domain"] = f"{name}.example.edu"
        site["patterns"]["fitting-service"] = {"replicas": replicas}
        yaml.dump(site, tree / "sites" / f"{name}.yaml")


def git(tree: Path, *words: str) -> None:
    """Run git in the copy."""
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", "-C", str(tree), *identity, *words], check=True, capture_output=True)


class Run(NamedTuple):
    """What a command took: seconds, seconds of CPU, MiB at most; and what it printed."""

    seconds: float
    cpu: float
    mebibytes: float
    printed: bytes


def measured(words: Sequence[str], folder: Path) -> Run:
    """Run a command and measure it with all that it starts."""
    peak, done = 0.0, threading.Event()

    def watch(pid: int) -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, sum(map(proportional, family(pid))))

    started, before = time.monotonic(), os.times()
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watcher = threading.Thread(target=watch, args=(process.pid,))
    watcher.start()
    out, said = process.communicate()
    took, after = time.monotonic() - started, os.times()
    done.set()
    watcher.join()
    if process.returncode not in (0, 1) or not out:
        sys.exit(f"{' '.join(words)}: {said.decode()[-2000:]}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Run(took, cpu, peak, out)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def proportional(pid: int) -> float:
    """Return the proportional set size of a process in MiB, 0 where it has ended."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def kustomize(tree: Path) -> dict[str, float] | None:
    """Build the same objects with kubectl, a folder a site; None where there is no kubectl."""
    kubectl = shutil.which("kubectl") or next(
        (str(path) for path in Path.home().glob(".cache/sslab/toolchain/*/kubectl*/kubectl")), None
    )
    if kubectl is None:
        return None
    names = sorted(path.stem for path in (tree / "sites").glob("*.yaml"))
    count = 0
    with recordings(tree, names) as found:
        for recording in found:
            folder = tree / "manifests" / recording.site
            folder.mkdir(parents=True)
            objects = [
                each["inputs"]
                for each in recording.resources
                if each["token"].startswith("kubernetes:")
            ]
            count += len(objects)
            text = "\n---\n".join(map(json.dumps, objects))
            (folder / "all.yaml").write_text(text.replace('"(secret)"', '"none"'))
            (folder / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    started = time.monotonic()
    for name in names:
        subprocess.run(
            [kubectl, "kustomize", str(tree / "manifests" / name)], check=True, capture_output=True
        )
    return {"objects": count, "seconds": time.monotonic() - started}


def main() -> None:
    """Measure and print."""
    results: dict[str, object] = {"sites": SITES, "cores": os.cpu_count()}
    with copy() as tree:
        report(results, "alone", measured(SSLAB, tree))
        report(results, "against the same", measured([*SSLAB, "--against", "HEAD"], tree))
        write_sites(tree, replicas=2)
        report(results, "all differ", measured([*SSLAB, "--against", "HEAD"], tree))
        results["kubectl kustomize"] = kustomize(tree)
    print(f"{'kubectl kustomize':18}{results['kubectl kustomize'] or 'no kubectl'}")
    print(json.dumps(results))


def report(results: dict[str, object], what: str, run: Run) -> None:
    """Note and print one run."""
    sites = json.loads(run.printed)["sites"].values()
    changes = sum(len(site["changes"]) for site in sites)
    failed = sum(site["status"] == "failed" for site in sites)
    results[what] = {**run._asdict(), "printed": len(run.printed), "changes": changes}
    print(
        f"{what:18}{run.seconds:6.1f} s {run.cpu:6.1f} s of CPU {run.mebibytes:6.0f} MiB  "
        f"{changes} changes, {failed} failed",
        flush=True,
    )


if __name__ == "__main__":
    main()
