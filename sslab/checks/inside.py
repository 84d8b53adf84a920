"""How a smoke test reaches a service that lets nobody in from outside without a login."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sslab.checks.errors import CheckError
from sslab.cluster.access import ClusterAccess

TIMEOUT_S = 90.0


def command(kubectl: Path, cluster: ClusterAccess) -> list[str]:
    """Return the beginning of every kubectl command for a cluster."""
    words = [str(kubectl), f"--kubeconfig={cluster.kubeconfig}"]
    return words + ([f"--context={cluster.context}"] if cluster.context else [])


@dataclass(frozen=True)
class Inside:
    """The Service of a pattern or layer, by the API server's own proxy.

    The Service and its pods are called alike, and its port `http`. Whoever may use this proxy is an
    administrator of the namespace, and needs no other login.
    """

    kubectl: list[str]
    namespace: str
    service: str

    def get(self, path: str) -> str:
        """GET a path and return the body. Raises CheckError where the answer is no success."""
        return self._run("get", "--raw", self._path(path))

    def post(self, path: str, body: Any) -> str:
        """POST a JSON document and return the body. Raises CheckError as above."""
        return self._run("create", "--raw", self._path(path), "-f", "-", body=json.dumps(body))

    def _path(self, path: str) -> str:
        base = f"/api/v1/namespaces/{self.namespace}/services/http:{self.service}:http/proxy"
        return base + path

    def _run(self, *words: str, body: str | None = None) -> str:
        try:
            done = subprocess.run(
                [*self.kubectl, *words],
                input=body,
                capture_output=True,
                text=True,
                check=False,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise CheckError(
                f"{self.service} did not answer within {TIMEOUT_S:.0f} s",
                remedy="`kubectl get pods -A` shows what does not run",
            ) from None
        if done.returncode != 0:
            pods = f"-n {self.namespace} -l app.kubernetes.io/name={self.service}"
            raise CheckError(
                f"{self.service}, asked inside the cluster, gave no answer: "
                f"{done.stderr.strip()[-300:]}",
                remedy=f"`kubectl logs {pods}` says why",
            )
        return done.stdout
