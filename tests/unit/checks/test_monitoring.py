"""The check of the laboratory's own Prometheus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from sslab.checks import monitoring
from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement, passed
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
JOBS = ("prometheus", "traefik", "fitting-service")
ISSUER = {"issuer": "https://login.example.edu", "client": "ssl"}


class Doors(SiteAccess):
    """A laboratory whose Prometheus sees these jobs up, one list after the other."""

    def __init__(self, *seen: tuple[str, ...], **facts: Any) -> None:
        data = load_site(ROOT / "sites/local.yaml").model_dump()
        super().__init__(Site.model_validate({**data, "monitoring": {"mode": "own"}, **facts}), {})
        self.seen = list(seen)
        self.asked: list[tuple[str, str]] = []

    def get(self, service: str, path: str) -> httpx.Response:
        self.asked.append((service, path))
        jobs = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        result = [{"metric": {"job": job}, "value": [0, "1"]} for job in jobs]
        return httpx.Response(200, text=json.dumps({"data": {"result": result}}))

    def as_stranger(self, service: str, path: str = "/") -> httpx.Response:
        location = f"https://login.example.edu/authorize?client_id=ssl&from={service}"
        return httpx.Response(302, headers={"location": location})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "WARM_UP_S", 0.2)
    monkeypatch.setattr("sslab.checks.monitoring.time.sleep", lambda _: None)


def measured(doors: Doors) -> list[Measurement]:
    return list(monitoring.run(doors, JOBS))


def test_all_jobs_have_to_be_up() -> None:
    doors = Doors(JOBS)
    (found,) = measured(doors)
    assert (found.check, found.value, found.expected) == ("targets up", 3, 3)
    assert passed(found)
    ((service, path),) = doors.asked
    assert service == "prometheus"
    assert unquote(path).endswith('=min by (job) (up{laboratory="local"}) == 1')


def test_a_job_that_is_not_up_is_named_and_others_do_not_make_up_for_it() -> None:
    (found,) = measured(Doors(("prometheus", "fitting-service", "somebody-elses")))
    assert (found.check, found.value, found.expected) == ("targets up, without traefik", 2, 3)
    assert not passed(found)


def test_a_new_pod_gets_the_time_that_prometheus_takes_to_find_it() -> None:
    doors = Doors(("prometheus",), ("prometheus", "traefik"), JOBS)
    (found,) = measured(doors)
    assert passed(found)
    assert len(doors.asked) == 3


def test_where_there_is_a_route_it_has_to_ask_for_a_login() -> None:
    asked, found = measured(Doors(JOBS, identity=ISSUER))
    assert (asked.check, asked.value) == ("status without a login", 302)
    assert passed(found)
