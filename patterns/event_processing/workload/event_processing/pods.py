"""The pods of the workers: how many there are, asked of Kubernetes with the driver's account."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from ssl_analysis.errors import AnalysisError

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ATTEMPTS = 6
PAUSE_S = 2.0


class Pods(Protocol):
    """The workers' pods."""

    def scale(self, number: int) -> None:
        """Let there be so many; they come and go by and by."""

    def count(self) -> int:
        """Return how many there are."""


class DeployedPods:
    """The pods of a Deployment, through its subresource `scale` and nothing else."""

    def __init__(
        self,
        api: str,
        deployment: str,
        account: Path = ACCOUNT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`api` is the URL of the Kubernetes API; the account's folder is what a pod mounts."""
        try:
            self._token = (account / "token").read_text()
            namespace = (account / "namespace").read_text()
            self._trust = (
                ssl.create_default_context(cafile=str(account / "ca.crt"))
                if api.startswith("https://")
                else None
            )
        except OSError as error:
            raise AnalysisError(f"the pod has no service account: {error}") from error
        self._what = f"Deployment {deployment} in {namespace}"
        self._url = f"{api}/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}/scale"
        self._sleep = sleep

    def scale(self, number: int) -> None:
        """Let there be so many; they come and go by and by."""
        self._ask("PATCH", {"spec": {"replicas": number}})

    def count(self) -> int:
        """Return how many pods there are that have not ended."""
        return int(self._ask("GET", None).get("status", {}).get("replicas", 0))

    def _ask(self, method: str, body: Any) -> dict[str, Any]:
        """Ask, again where the API is busy or away for a moment."""
        request = urllib.request.Request(
            self._url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/merge-patch+json",
            },
        )
        for attempt in range(ATTEMPTS):
            try:
                with urllib.request.urlopen(request, context=self._trust, timeout=10) as answer:
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise AnalysisError(self._refused(method, error.code)) from error
                trouble = f"HTTP {error.code}"
            except OSError as error:
                trouble = str(error)
            if attempt < ATTEMPTS - 1:
                self._sleep(PAUSE_S)
        raise AnalysisError(f"the Kubernetes API does not answer about {self._what}: {trouble}")

    def _refused(self, method: str, code: int) -> str:
        if code == 404:
            return f"there is no {self._what}; deploy again"
        verb = "patch" if method == "PATCH" else "get"
        return (
            f"the pod's service account may not {verb} the scale of {self._what} (HTTP {code}); "
            "it needs a Role with get and patch on deployments/scale"
        )
