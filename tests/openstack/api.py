"""A client of OpenStack's services: their own REST interfaces, by the catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.openstack.cloud import Cloud

WAIT_S = 180.0


class Api:
    """Calls services as the cloud's user, or by what `auth` says in place of the password."""

    def __init__(self, cloud: Cloud, auth: dict[str, Any] | None = None) -> None:
        self.client = httpx.Client(timeout=60, trust_env=False)
        answer = self.client.post(
            f"{cloud.auth_url}/auth/tokens",
            json={"auth": auth or _password(cloud.project, cloud.password)},
        )
        assert answer.status_code == 201, answer.text
        self.client.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]
        token = answer.json()["token"]
        self.user_id: str = token["user"]["id"]
        self.project_id: str = token["project"]["id"]
        self.roles = {role["name"] for role in token["roles"]}
        self.endpoints: dict[str, str] = {
            service["type"]: endpoint["url"]
            for service in token["catalog"]
            for endpoint in service["endpoints"]
            if endpoint["interface"] == "public"
        }

    def call(self, service: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call a service of the catalogue; return the answer's JSON, None where it has none."""
        answer = self.client.request(
            method,
            self.endpoints[service] + path,
            json=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        assert answer.is_success, f"{method} {answer.url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def status(self, service: str, method: str, path: str, body: Any = None) -> int:
        """Call a service that may refuse; return the HTTP status."""
        return self.client.request(method, self.endpoints[service] + path, json=body).status_code

    def made(self) -> dict[str, list[str]]:
        """Return the names of what the project has, beside what every project gets."""
        return {
            kind: sorted(
                each.get("name") or each["id"]
                for each in self.call(service, "GET", path)[kind]
                if each.get("name") != "default"
            )
            for kind, (service, path) in {
                "servers": ("compute", "/servers"),
                "networks": ("network", f"/v2.0/networks?project_id={self.project_id}"),
                "routers": ("network", "/v2.0/routers"),
                "security_groups": ("network", "/v2.0/security-groups"),
                "floatingips": ("network", "/v2.0/floatingips"),
            }.items()
        }

    def gone(self, service: str, path: str) -> bool:
        """Tell whether a service says that there is no such object."""
        return self.status(service, "GET", path) == 404

    def id_of(self, service: str, path: str, kind: str, name: str) -> str:
        """Return the id of the one object of a list that has this name."""
        listed = self.call(service, "GET", path)[kind]
        (found,) = [entry["id"] for entry in listed if entry["name"] == name]
        return str(found)


def until(there: Callable[[], Any], what: str) -> Any:
    """Return what `there` says as soon as it is true."""
    deadline = time.monotonic() + WAIT_S
    while not (said := there()):
        assert time.monotonic() < deadline, f"{what} is not there after {WAIT_S:.0f} s"
        time.sleep(0.3)
    return said


def administrator(cloud: Cloud) -> Api:
    """Return a client that acts as the cloud's administrator."""
    return Api(cloud, _password("admin", cloud.admin_password))


def _password(name: str, password: str) -> dict[str, Any]:
    """Return how a user logs in to the project that has the same name."""
    domain = {"name": "Default"}
    user = {"name": name, "password": password, "domain": domain}
    return {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": name, "domain": domain}},
    }
