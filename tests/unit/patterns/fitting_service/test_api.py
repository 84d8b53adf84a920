"""The service over HTTP, as its users and the cluster see it."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.patterns.fitting_service.closed_form import CountingExperiment
from tests.unit.patterns.fitting_service.conftest import SETTINGS, LiveService, wait_until
from tests.unit.patterns.fitting_service.fakes import counting, slow, two_bins

pytestmark = pytest.mark.volume

ROOT = Path(__file__).resolve().parents[4]
TWO_BIN_FILE = ROOT / "patterns/fitting_service/two_bin_workspace.json"
PAGE = ROOT / "docs/patterns/fitting-service.md"
COMPUTED = 'fitting_fits_total{outcome="computed"}'


def _error(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert error["code"] == code
    assert "Traceback" not in response.text
    return error


def test_the_published_numbers_come_over_http_and_a_repeat_needs_no_fit(
    service: LiveService,
) -> None:
    before = service.metric(COMPUTED)
    first = service.client.post("/v1/fits", content=TWO_BIN_FILE.read_bytes()).json()
    assert first["cls_obs"] == pytest.approx(0.05251497, abs=1e-6)
    expected = [0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621]
    assert first["cls_exp"] == pytest.approx(expected, abs=1e-6)
    assert first["upper_limit"]["observed"] == pytest.approx(1.01157, abs=1e-4)
    assert len(first["upper_limit"]["expected"]) == 5
    assert (first["mu"], first["poi"], first["pyhf_version"]) == (1.0, "mu", "0.7.6")
    assert (first["cached"], first["stored"]) == (False, True)
    assert f"/v1/fits/{first['id']}" in PAGE.read_text()
    assert list(service.store.documents) == [f"fits/{first['id']}.json"]

    hits = service.metric("fitting_cache_hits_total")
    again = service.client.post("/v1/fits", json=two_bins()).json()
    assert again == {**first, "cached": True}
    assert service.client.get(f"/v1/fits/{first['id']}").json() == again
    assert service.metric(COMPUTED) == before + 1
    assert service.metric("fitting_cache_hits_total") == hits + 1


def test_mu_and_measurement_are_asked_for_in_the_query(service: LiveService) -> None:
    url = "/v1/fits?mu=2&measurement=Measurement"
    result = service.client.post(url, json=counting()).json()
    experiment = CountingExperiment(signal=10.0, background=50.0, events=55.0)
    assert result["cls_obs"] == pytest.approx(experiment.cls_obs(2.0), abs=1e-5)
    unnamed = service.client.post("/v1/fits?mu=2.0", json=counting()).json()
    assert (unnamed["id"], unnamed["cached"]) == (result["id"], True)


def test_a_result_outlives_the_pod(service: LiveService, second_service: LiveService) -> None:
    first = service.client.post("/v1/fits", json=counting()).json()
    after = second_service.client.post("/v1/fits", json=counting()).json()
    assert after == {**first, "cached": True}
    assert second_service.metric(COMPUTED) == 0


def test_identical_concurrent_requests_are_fitted_once(service: LiveService) -> None:
    before = service.metric(COMPUTED)
    workspace = counting(events=57.0)
    with ThreadPoolExecutor(8) as clients:
        answers = list(
            clients.map(lambda _: service.client.post("/v1/fits", json=workspace), range(8))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["cls_obs"] for answer in answers}) == 1
    assert service.metric(COMPUTED) == before + 1


def test_different_requests_use_all_workers(service: LiveService) -> None:
    with ThreadPoolExecutor(2) as clients:
        pending = [
            clients.submit(service.client.post, "/v1/fits", json=slow(seed)) for seed in (2.0, 3.0)
        ]
        wait_until(lambda: service.metric("fitting_in_flight") == 2)
        for pid in service.app.state.pool.pids():
            os.kill(pid, signal.SIGKILL)
        for answer in pending:
            error = _error(answer.result(), 503, "worker_lost")
            assert "killed" in error["message"]
    assert service.client.post("/v1/fits", json=counting(events=58.0)).status_code == 200


def test_an_overdue_fit_gets_504_and_a_full_queue_429(
    service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.app.state.pool, "_timeout_s", 1.0)
    count = SETTINGS.workers + SETTINGS.queue_limit
    with ThreadPoolExecutor(count) as clients:
        pending = [
            clients.submit(service.client.post, "/v1/fits", json=slow(seed))
            for seed in range(10, 10 + count)
        ]
        wait_until(lambda: service.metric("fitting_waiting") == SETTINGS.queue_limit)
        turned_away = service.client.post("/v1/fits", json=slow(99.0))
        _error(turned_away, 429, "busy")
        assert 1 <= int(turned_away.headers["Retry-After"]) <= 60
        # The two in front run into their time limit; those behind them have waited too long.
        codes = sorted(answer.result().json()["error"]["code"] for answer in pending)
    assert codes.count("time_limit") >= SETTINGS.workers
    assert set(codes) <= {"time_limit", "busy"}
    assert service.metric('fitting_fits_total{outcome="time_limit"}') >= SETTINGS.workers


def test_without_storage_a_fit_is_answered_and_a_lookup_is_not(service: LiveService) -> None:
    assert service.client.get("/readyz").status_code == 200
    service.store.down = True
    result = service.client.post("/v1/fits", json=counting(events=44.0)).json()
    assert (result["cached"], result["stored"]) == (False, False)
    lookup = service.client.get(f"/v1/fits/{result['id']}")
    _error(lookup, 503, "store_unavailable")
    assert lookup.headers["Retry-After"] == "5"
    assert service.metric('fitting_store_errors_total{operation="put"}') >= 1
    assert service.client.get("/readyz").status_code == 200  # it still does its work


def test_a_damaged_result_is_computed_again(service: LiveService) -> None:
    first = service.client.post("/v1/fits", json=counting(events=45.0)).json()
    for damage in (b"", b"{}", b"\xff", json.dumps({**first, "id": "0" * 64}).encode()):
        service.store.documents[f"fits/{first['id']}.json"] = damage
        _error(service.client.get(f"/v1/fits/{first['id']}"), 404, "not_found")
    again = service.client.post("/v1/fits", json=counting(events=45.0)).json()
    assert (again["cached"], again["cls_obs"]) == (False, first["cls_obs"])
    assert service.client.get(f"/v1/fits/{first['id']}").status_code == 200


@pytest.mark.parametrize("fit_id", ["0" * 64, "short", "A" * 64, "..%2f..%2fetc"])
def test_an_unknown_id_is_not_found(service: LiveService, fit_id: str) -> None:
    _error(service.client.get(f"/v1/fits/{fit_id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("mu=nan", "finite"),
        ("mu=0", "greater than 0"),
        ("mu=1e9", "less than or equal"),
        ("mu=big", "valid number"),
        ("measurement=", "at least 1 character"),
    ],
)
def test_a_wrong_query_is_refused(service: LiveService, query: str, says: str) -> None:
    response = service.client.post(f"/v1/fits?{query}", json=two_bins())
    error = _error(response, 422, "invalid_parameter")
    assert query.split("=")[0] in error["message"]
    assert says in error["message"]


def test_a_bad_workspace_is_refused_with_its_place(service: LiveService) -> None:
    _error(service.client.post("/v1/fits", content=b"not json"), 400, "not_json")
    workspace = two_bins()
    workspace["channels"][0]["samples"][0]["data"] = [12.0, "eleven"]
    error = _error(service.client.post("/v1/fits", json=workspace), 422, "invalid_workspace")
    assert error["path"] == "channels[0].samples[0].data[1]"
    assert "'eleven' is not of type 'number'" in error["message"]
    workspace["channels"][0]["samples"][0]["data"] = [12.0, 1e999]
    body = json.dumps(workspace)
    error = _error(service.client.post("/v1/fits", content=body), 422, "invalid_workspace")
    assert error["path"] == "channels[0].samples[0].data[1]"
    unknown = service.client.post("/v1/fits?measurement=%ff", json=two_bins())
    assert "is not in the workspace" in _error(unknown, 422, "invalid_workspace")["message"]
    assert service.store.documents == {}


def _chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 10_000):
        yield b" " * 10_000


@pytest.mark.parametrize("size", [110_000, 1_000_000, 6_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused(service: LiveService, size: int, chunked: bool) -> None:
    content = _chunks(size) if chunked else b" " * size
    with httpx.Client(base_url=service.client.base_url) as client:
        response = client.post("/v1/fits", content=content)
    error = _error(response, 413, "too_large")
    assert "limit of 100000 bytes" in error["message"]


def test_a_body_of_just_the_limit_is_read(service: LiveService) -> None:
    body = json.dumps(counting()).encode()
    padded = body + b" " * (SETTINGS.max_body_bytes - len(body))
    assert service.client.post("/v1/fits", content=padded).status_code == 200


def test_a_compressed_body_is_refused(service: LiveService) -> None:
    response = service.client.post(
        "/v1/fits", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}
    )
    assert "send plain JSON" in _error(response, 415, "encoding")["message"]


def test_a_client_that_goes_away_does_no_harm(service: LiveService) -> None:
    name = 'fitting_fits_total{outcome="incomplete_body"}'
    before = service.metric(name)
    with socket.create_connection(service.address) as connection:
        connection.sendall(b"POST /v1/fits HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.1)
    wait_until(lambda: service.metric(name) == before + 1)


def test_other_errors_have_the_same_shape(service: LiveService) -> None:
    _error(service.client.get("/nothing"), 404, "not_found")
    refused = service.client.delete("/v1/fits")
    _error(refused, 405, "method_not_allowed")
    assert refused.headers["Allow"] == "POST"


def test_the_pages_need_nothing_from_elsewhere(service: LiveService) -> None:
    landing = service.client.get("/")
    assert "curl -s " in landing.text
    docs = service.client.get("/docs")
    for page in (landing, docs):
        assert page.status_code == 200
        for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert not address.startswith(("http", "//"))
            found = service.client.get(f"/{address.lstrip('/')}")
            assert found.status_code == 200
    hostile = service.client.get("/", headers={"Host": "<script>alert(1)</script>"})
    assert "<script>" not in hostile.text


def test_the_api_document_describes_requests_and_errors(service: LiveService) -> None:
    document = service.client.get("/openapi.json").json()
    post = document["paths"]["/v1/fits"]["post"]
    assert {p["name"] for p in post["parameters"]} == {"mu", "measurement"}
    body = post["requestBody"]["content"]["application/json"]
    assert body["example"] == two_bins()
    assert {"200", "400", "413", "422", "429", "503", "504"} <= set(post["responses"])


def test_the_example_is_the_file_of_the_repository(service: LiveService) -> None:
    example = service.client.get("/v1/example").json()
    assert example == json.loads(TWO_BIN_FILE.read_text()) == two_bins()


def test_health_readiness_and_metrics(service: LiveService) -> None:
    assert service.client.get("/healthz").json() == {"status": "alive"}
    ready = service.client.get("/readyz")
    assert (ready.status_code, ready.json()["workers"]) == (200, "2 of 2 warm")
    metrics = service.client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert service.metric("fitting_workers_warm") == 2
    assert service.metric("process_resident_memory_bytes") > 1e6
    service.client.post("/v1/fits", json=counting(events=61.0))
    assert service.metric("fitting_fit_duration_seconds_count") >= 1
