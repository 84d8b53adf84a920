"""Speed and memory of the laboratory on this machine, against kubectl and plain pyhf.

Needs root on Linux. It works in the local laboratory (`make up` first), takes some ten minutes, and
prints a table; the last line is JSON. Wall-clock seconds, mebibytes of proportional set size.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SSLAB = ROOT / ".venv/bin/sslab"
AWAITED = ("Deployment", "StatefulSet", "Job")


def shell(script: str, *, text: str | None = None) -> str:
    """Run a script with the environment that `sslab env` prints; stop when it fails."""
    words = ["bash", "-c", f'eval "$({SSLAB} env local)"; {script}']
    done = subprocess.run(words, cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1 if "kubectl diff" in script else 0):
        sys.exit(f"{script}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def timed(script: str, *, text: str | None = None) -> float:
    """Return the seconds that a script takes."""
    started = time.monotonic()
    shell(script, text=text)
    return time.monotonic() - started


def objects() -> list[dict[str, Any]]:
    """Return the very objects that Pulumi sends to the API server, in its order."""
    state = json.loads(shell("pulumi stack export -s local --show-secrets"))
    found = []
    for resource in state["deployment"]["resources"]:
        kind = resource["type"]
        if kind.startswith("kubernetes:") and "/" in kind:
            found.append(_plain(resource["inputs"]))
    return found


def _plain(value: Any) -> Any:
    """Return inputs without Pulumi's wrapping of secrets and its own annotations."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return _plain(json.loads(value["plaintext"]))
        return {key: _plain(one) for key, one in value.items() if not key.startswith("__")}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def memory_mib() -> float:
    """Return the proportional set size of the cluster's processes and its pods."""
    home = json.loads(shell("kubectl config view -o json"))["clusters"][0]["cluster"]["server"]
    node = home.removeprefix("https://").partition(":")[0]
    groups = list(Path("/sys/fs/cgroup").glob("**/sslab-*-local"))
    pids = {
        int(pid)
        for group in groups
        for file in group.rglob("cgroup.procs")
        for pid in file.read_text().split()
    }
    status = subprocess.run(
        [SSLAB, "cluster", "status", "local"], capture_output=True, text=True, check=True
    ).stdout
    pids |= {int(word) for line in status.splitlines() for word in line.split() if word.isdigit()}
    shims = subprocess.run(
        ["pgrep", "-f", "containerd-shim.*sslab-.*-local"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    pids |= {int(pid) for pid in shims.stdout.split()}
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup")
        if rollup.exists():
            total += sum(
                int(line.split()[1]) for line in rollup.read_text().splitlines()
                if line.startswith("Pss:")
            )  # fmt: skip
    print(f"  {len(pids)} processes on node {node}", file=sys.stderr)
    return total / 1024


def against_kubectl() -> dict[str, float]:
    """Return `pulumi up` and its no-op against kubectl on the same objects, both until ready."""
    manifests = objects()
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    shell("pulumi destroy -s local --yes --skip-preview --ignore-protect")
    waits = "; ".join(
        f"kubectl wait -n {one['metadata']['namespace']} {one['kind']}/{one['metadata']['name']} "
        "--timeout=300s "
        + (
            "--for=condition=Complete" if one["kind"] == "Job"
            else "--for=jsonpath={.status.readyReplicas}=1"
        )
        for one in manifests if one["kind"] in AWAITED
    )  # fmt: skip
    apply = timed("kubectl apply --server-side -f -", text=text)
    ready = apply + timed(waits)
    diff = timed("kubectl diff --server-side -f -", text=text)
    shell("kubectl delete --wait -f -", text=text)
    up = timed("pulumi up -s local --yes --skip-preview --policy-pack policies")
    preview = timed("pulumi preview -s local")
    no_op = timed("pulumi up -s local --yes --skip-preview --policy-pack policies")
    return {
        "objects": len(manifests),
        "kubectl apply (s)": apply,
        "kubectl apply and wait (s)": ready,
        "pulumi up (s)": up,
        "pulumi up / kubectl apply and wait": up / ready,
        "kubectl diff (s)": diff,
        "pulumi preview, nothing to do (s)": preview,
        "pulumi preview / kubectl diff": preview / diff,
        "pulumi up, nothing to do (s)": no_op,
        "pulumi up, nothing to do / kubectl diff": no_op / diff,
    }


def main() -> None:
    """Measure everything and print it."""
    results: dict[str, float] = {}
    results["make up, nothing to do (s)"] = timed("make up")
    shell(f"{SSLAB} cluster stop local")
    results["make up, from a stopped machine (s)"] = timed("make up")
    results["memory of cluster and pods (MiB)"] = memory_mib()
    shell("make down")
    rebuild = results["make up, cluster and data wiped (s)"] = timed("make up")
    results.update(against_kubectl())
    applied = results["kubectl apply and wait (s)"]
    results["make up, wiped / kubectl apply and wait"] = rebuild / applied
    shell("make up")
    for name, value in results.items():
        print(f"{name:45} {value:8.2f}")
    fits = [sys.executable, str(ROOT / "benchmarks/fitting_service.py")]
    fits += ["--url", "http://127.0.0.1:8080"]
    fits += ["--host-header", "fitting-service.ssl.localhost:8080"]
    subprocess.run(fits, check=True)
    print(json.dumps({name: round(value, 3) for name, value in results.items()}))


if __name__ == "__main__":
    main()
