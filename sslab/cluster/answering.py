"""Whether a cluster's API server answers: asked with a limit of seconds, before long work."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sslab.cluster.access import ClusterAccess
from sslab.cluster.errors import ClusterError

ANSWER_S: Final = 5
"""How long the API server may take to answer."""

LOGIN_S: Final = 20
"""How long all may take: a kubeconfig can run a program that logs in."""

REMEDIES: Final = (
    (
        r"context .* does not exist|context .* was not found|no context exists",
        "write the context's name into cluster.context of the site file, or name the kubeconfig "
        "that has it in KUBECONFIG",
    ),
    (
        r"no such file or directory|no configuration has been provided|error loading config",
        "get the site's kubeconfig to that place, or name it in KUBECONFIG",
    ),
    (
        r"Unauthorized|must be logged in|provide credentials|getting credentials|expired",
        "the credentials in the kubeconfig are wrong or have expired: get new ones",
    ),
    (r"x509|certificate", "the kubeconfig is of another cluster: get this one's"),
)
SILENT: Final = "see whether the cluster runs and the network leads there"


def require_answer(site: str, access: ClusterAccess, kubectl: Sequence[str | Path]) -> None:
    """Raise ClusterError where the API server does not answer, or takes no such credentials.

    `kubectl` is the command with the options that choose the cluster.
    """
    where = f"the cluster of {site} (kubeconfig {access.kubeconfig}"
    where += f", context {access.context})" if access.context else ")"
    if not access.kubeconfig.exists():
        raise ClusterError(
            f"{where} is not known: there is no such file",
            remedy="get the site's kubeconfig to that place, or name it in KUBECONFIG",
        )
    try:
        # every version and every account may ask this
        done = subprocess.run(
            [*kubectl, "get", "--raw", "/version", f"--request-timeout={ANSWER_S}s"],
            capture_output=True,
            text=True,
            check=False,
            timeout=LOGIN_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{where} has not answered in {LOGIN_S} s", remedy=SILENT) from None
    if done.returncode == 0:
        return
    said = (done.stderr.strip().splitlines() or [""])[-1]
    remedy = next((text for pattern, text in REMEDIES if re.search(pattern, said)), SILENT)
    raise ClusterError(f"{where} does not answer: {said[:300]}", remedy=remedy)
