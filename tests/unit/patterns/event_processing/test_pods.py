"""The scale of a Deployment, asked of an HTTP server that answers as the Kubernetes API does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ssl_analysis.errors import AnalysisError

from patterns.event_processing.workload.event_processing.pods import DeployedPods

pytestmark = pytest.mark.volume


class Api(BaseHTTPRequestHandler):
    replicas: ClassVar[int] = 0
    troubles: ClassVar[list[int]] = []
    asked: ClassVar[list[tuple[str, str, str, Any]]] = []

    def do_GET(self) -> None:
        self.answer(None)

    def do_PATCH(self) -> None:
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body: Any) -> None:
        kind, who = str(self.headers["Content-Type"]), str(self.headers["Authorization"])
        self.asked.append((self.command, f"{self.path} {who}", kind, body))
        if self.troubles:
            self.send_error(self.troubles.pop(0))
            return
        if body:
            Api.replicas = body["spec"]["replicas"]
        said = json.dumps({"status": {"replicas": self.replicas}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[DeployedPods]:
    (tmp_path / "token").write_text("secret-token")
    (tmp_path / "namespace").write_text("somewhere")
    Api.replicas, Api.troubles, Api.asked = 0, [], []
    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield DeployedPods(url, "workers", tmp_path, sleep=lambda _: None)
    server.shutdown()
    server.server_close()


def test_the_scale_is_patched_and_read(pods: DeployedPods) -> None:
    pods.scale(3)
    assert pods.count() == 3
    path = "/apis/apps/v1/namespaces/somewhere/deployments/workers/scale Bearer secret-token"
    assert Api.asked == [
        ("PATCH", path, "application/merge-patch+json", {"spec": {"replicas": 3}}),
        ("GET", path, "application/merge-patch+json", None),
    ]


def test_an_api_that_is_busy_is_asked_again(pods: DeployedPods) -> None:
    Api.troubles = [503, 429, 500]
    pods.scale(2)
    assert (Api.replicas, len(Api.asked)) == (2, 4)


def test_an_api_that_stays_away_is_named(pods: DeployedPods) -> None:
    Api.troubles = [503] * 6
    with pytest.raises(AnalysisError) as caught:
        pods.count()
    assert str(caught.value) == (
        "the Kubernetes API does not answer about Deployment workers in somewhere: HTTP 503"
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "may not patch the scale of Deployment workers in somewhere .HTTP 403.; it needs a"),
        (404, "there is no Deployment workers in somewhere; deploy again"),
    ],
)
def test_a_refusal_says_what_is_needed(pods: DeployedPods, status: int, said: str) -> None:
    Api.troubles = [status]
    with pytest.raises(AnalysisError, match=said) as caught:
        pods.scale(1)
    assert "secret-token" not in str(caught.value)
    assert len(Api.asked) == 1


def test_a_pod_without_an_account_says_so(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="the pod has no service account"):
        DeployedPods("http://127.0.0.1:9", "workers", tmp_path)
