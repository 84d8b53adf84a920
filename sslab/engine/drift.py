"""Reading what is really there: Pulumi's refresh as a preview, which writes nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sslab.engine import refusals
from sslab.engine.errors import EngineError
from sslab.engine.scratch import scratch
from sslab.plan.secrecy import line
from sslab.site.model import Site

LIMIT_S: Final = 300.0
"""How long a refresh may take. Where the cluster answers, one of 300 objects takes seconds."""

EVENT: Final = "resOutputsEvent"
"""What the engine says of each resource when it has read it."""

WORDS: Final = (
    *("refresh", "--preview-only", "--non-interactive", "--color", "never"),
    *("--suppress-outputs", "--suppress-progress"),
)


class NotDeployedError(EngineError):
    """There is no stack, or it has made nothing."""


def refreshed(
    repository: Path, site: Site, environment: Mapping[str, str], limit_s: float = LIMIT_S
) -> list[dict[str, Any]]:
    """Return the events of a refresh of the site's stack; secrets are masked in them.

    The state is left as it is. Raises NotDeployedError where nothing is deployed, EngineError where
    the cluster, the cloud or the state cannot be read.
    """
    with scratch(site.name) as own:
        log = Path(own["TMPDIR"]) / "events"
        code, said = _run(repository, site, {**environment, **own}, log, limit_s)
        if code != 0:
            raise _failure(site, said, refusals.errors_in(log))
        return [json.loads(each) for each in log.read_text().splitlines() if EVENT in each]


def not_deployed(site: Site) -> NotDeployedError:
    """Return the error for a site of which nothing is deployed."""
    return NotDeployedError(
        f"nothing of {site.name} is deployed, as far as the stack's state tells",
        remedy=f"`sslab up {site.name}` deploys it; where it is deployed, PULUMI_BACKEND_URL has "
        "to name where its state is",
    )


def _run(
    repository: Path, site: Site, environment: Mapping[str, str], log: Path, limit_s: float
) -> tuple[int, str]:
    """Run the refresh and return its exit code and what it said; nothing of it lives longer."""
    program = shutil.which("pulumi", path=environment["PATH"])
    if program is None:
        raise EngineError("Pulumi is not there", remedy="`sslab doctor` checks the tools")
    process = subprocess.Popen(
        [program, *WORDS, "--stack", site.name, "--event-log", str(log)],
        cwd=repository,
        # with debug commands Pulumi has the option --event-log, as its Automation API uses it
        env={**environment, "PULUMI_DEBUG_COMMANDS": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"reading what is there took longer than {limit_s:.0f} s",
            remedy="look whether the cluster, the cloud and the place of the state answer",
        ) from None
    finally:
        if process.poll() is None:  # it writes nothing, so that it may be stopped at any time
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode, said


def _failure(site: Site, said: str, errors: Iterable[str]) -> EngineError:
    """Return what a failed refresh means."""
    if re.search(r"no stack named|stack '.*' not found", said):
        return not_deployed(site)
    if re.search(r"incorrect passphrase|passphrase must be set", said):
        return EngineError(
            f"the passphrase of stacks/Pulumi.{site.name}.yaml is not at hand, or another one is",
            remedy="name its file in PULUMI_CONFIG_PASSPHRASE_FILE",
        )
    told = [each.strip() for each in errors]
    unreachable = re.search(r"cluster is unreachable: (.*)", said)
    if unreachable:
        return EngineError(
            f"Pulumi does not reach the cluster: {line(unreachable[1], 300)}",
            remedy="look at the kubeconfig: that of the deployment is used, and credentials in it "
            "may have expired",
        )
    meaning = refusals.explained(site, [*told, said])
    if meaning is not None:
        return EngineError(meaning)
    last = told[-1] if told else said.strip()
    return EngineError(
        f"Pulumi could not read what is there: {line(last[-400:], 400)}",
        remedy="look whether the cluster, the cloud and the place of the state answer, and whether "
        "their credentials are at hand",
    )
