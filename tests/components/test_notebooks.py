from __future__ import annotations

import json
from typing import Any

import pytest

from patterns.notebooks.settings import CHECK_USER
from patterns.sources import sources
from tests.components.recording import Recorded, Recording, image, record_laboratory, site

NAME = "notebooks"
ISSUER = {"issuer": "https://login.example.edu", "client": "ssl"}
OWN = {
    "issuer": "http://login.ssl.localhost:8080",
    "client": "ssl",
    "users": [{"name": "ada", "groups": ["physics"]}, {"name": "bob"}],
}
PROFILES = [
    {"name": "small", "title": "Small"},
    {"name": "large", "groups": ["physics"], "cpu": "1", "cpu_limit": "4", "gpu": 1},
]


def laboratory(identity: dict[str, Any] = ISSUER, site_: Any = None, **settings: Any) -> Recording:
    changes = {"identity": identity, "patterns": {NAME: settings}, **(site_ or {})}
    return record_laboratory(site(**changes))


@pytest.fixture(scope="module")
def default() -> Recording:
    return laboratory()


def told(recording: Recording) -> dict[str, Any]:
    text = recording.one("ConfigMap", "notebooks-settings").props["data"]["settings.json"]
    found: dict[str, Any] = json.loads(text)
    return found


def hub(recording: Recording) -> Recorded:
    return recording.one("Deployment", NAME)


def test_the_hub_may_make_pods_and_claims_in_its_namespace_and_nothing_else(
    default: Recording,
) -> None:
    (role,) = [each for each in default.of("Role") if each.name == NAME]
    rules = {rule["resources"][0]: set(rule["verbs"]) for rule in role.props["rules"]}
    assert rules == {
        "pods": {"get", "list", "watch", "create", "delete"},
        "persistentvolumeclaims": {"get", "list", "watch", "create"},
        "events": {"get", "list", "watch"},
    }
    assert role.namespace == NAME
    assert hub(default).pod["serviceAccountName"] == NAME
    proxy = default.one("Deployment", "notebooks-proxy")
    assert proxy.pod["automountServiceAccountToken"] is False
    urns = {each.urn for each in default.of("RoleBinding") if each.name == NAME}
    assert urns
    assert urns <= hub(default).depends_on


def test_the_hub_keeps_its_database_and_is_never_there_twice(default: Recording) -> None:
    claim = default.one("PersistentVolumeClaim", NAME)
    assert claim.protected
    assert default.one("Namespace", NAME).protected, "the users' volumes are in it"
    assert hub(default).spec["strategy"] == {"type": "Recreate"}
    assert told(default)["database"].startswith("/data/")
    mounts = {
        each["name"]: each["mountPath"] for each in hub(default).container("hub")["volumeMounts"]
    }
    assert mounts["data"] == "/data"
    assert mounts["code"] == "/opt/workload/notebooks"


def test_the_route_leads_to_the_proxy_and_to_no_login_in_front_of_it(default: Recording) -> None:
    (rule,) = default.one("Ingress", NAME).spec["rules"]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "notebooks-proxy", "port": {"number": 8000}}
    assert not [each for each in default.objects() if each.name == "notebooks-login"]


def test_services_are_found_by_the_names_that_the_hub_is_told(default: Recording) -> None:
    known = told(default)
    for address, pods in (
        (known["hub"], NAME),
        (known["proxy"], "notebooks-proxy"),
    ):
        name, _, port = address.removeprefix("http://").partition(":")
        service = default.one("Service", name)
        assert service.spec["ports"][0]["port"] == int(port)
        assert service.spec["selector"] == {"app.kubernetes.io/name": pods}
    (container,) = default.one("Deployment", "notebooks-proxy").pod["containers"]
    assert f"--default-target={known['hub']}" in container["args"]


def test_secrets_are_in_a_secret_and_nowhere_else(default: Recording) -> None:
    secret = default.one("Secret", NAME)
    assert secret.props["stringData"] == {
        "client": "value-of-identity-client-secret",
        "cookie": "value-of-notebooks-cookie-password",
        "proxy": "value-of-notebooks-proxy-password",
        "check": "value-of-notebooks-check-password",
    }
    assert not any(secret.plain(f"stringData.{key}") for key in secret.props["stringData"])
    others = json.dumps([each.props for each in default.objects() if each is not secret])
    assert "value-of-notebooks" not in others
    assert "value-of-identity" not in others


def test_the_code_of_the_hub_is_mounted_and_a_change_makes_a_new_pod() -> None:
    before, after = laboratory(), laboratory(idle_timeout_s=60)
    assert before.one("ConfigMap", "notebooks-code").props["data"] == sources(NAME)

    def print_of(recording: Recording) -> str:
        return str(hub(recording).template["metadata"]["annotations"]["ssl/secrets"])

    assert print_of(before) != print_of(after)
    assert (told(before)["idle_timeout_s"], told(after)["idle_timeout_s"]) == (3600, 60)
    assert told(after)["cull_every_s"] == 15


def test_the_client_is_that_of_the_site() -> None:
    known = told(laboratory({**ISSUER, "identity_providers": ["urn:x"], "username_claim": "email"}))
    assert (known["issuer"], known["client"], known["endpoints"]) == (
        "https://login.example.edu",
        "ssl",
        None,
    )
    assert known["identity_providers"] == ["urn:x"]
    assert known["username_claim"] == "email"
    assert known["callback"] == f"{known['url']}/hub/oauth_callback"


def test_profiles_are_numbers_and_keep_the_sites_rule_about_limits() -> None:
    rules = {"rules": {"limits_over_requests_percent": 20}}
    small, large = told(laboratory(site_=rules, profiles=PROFILES))["profiles"]
    assert (small["cpu"], small["cpu_limit"]) == (0.25, 0.3)
    assert (small["memory"], small["memory_limit"]) == (2**30, 2**30)
    assert (large["cpu"], large["cpu_limit"]) == (1.0, 1.2)
    assert (large["groups"], large["gpu"], large["gpu_resource"]) == (
        ["physics"],
        1,
        "nvidia.com/gpu",
    )
    assert small["groups"] == []


def test_the_sites_registry_and_storage_reach_the_users_pods() -> None:
    changes = {
        "registry": {"pull_secret": "registry"},
        "storage": {"capacity": "40Gi", "rwo_class": "fast"},
    }
    known = told(laboratory(site_=changes))
    assert known["pull_secret"] == "registry"
    assert known["storage_class"] == "fast"
    assert known["image"] == image("notebook")
    assert told(laboratory(storage_class="slow"))["storage_class"] == "slow"


def test_more_storage_for_users_is_more_in_the_quota_of_the_namespace() -> None:
    def storage(recording: Recording) -> str:
        hard = recording.one("ResourceQuota", "notebooks-quota").spec["hard"]
        return str(hard["requests.storage"])

    assert storage(laboratory()) == "6Gi"
    assert storage(laboratory(users_storage="9Gi")) == "10Gi"


def test_two_profiles_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two profiles called small"):
        laboratory(profiles=[{"name": "small"}, {"name": "small"}])


def test_the_laboratorys_own_issuer_knows_the_sites_users() -> None:
    recording = laboratory(OWN)
    secret = recording.one("Secret", "login")
    known = json.loads(secret.props["stringData"]["settings.json"])
    assert not secret.plain("stringData")
    assert known["issuer"] == OWN["issuer"]
    assert known["client"] == {
        "id": "ssl",
        "secret": "value-of-identity-client-secret",
        "redirect_uris": ["http://notebooks.ssl.localhost:8080/hub/oauth_callback"],
    }
    assert known["people"] == [
        {
            "name": "ada",
            "password": "value-of-identity-user-ada-password",
            "groups": ["physics"],
        },
        {"name": "bob", "password": "value-of-identity-user-bob-password", "groups": []},
    ]
    (rule,) = recording.one("Ingress", "login").spec["rules"]
    assert rule["host"] == "login.ssl.localhost"
    issuer = recording.one("Deployment", "login")
    assert issuer.namespace == "ssl-identity"
    assert issuer.container("login")["image"] == image("canaille")


def test_pods_reach_the_own_issuer_by_its_service_and_browsers_by_the_ingress() -> None:
    recording = laboratory(OWN)
    endpoints = told(recording)["endpoints"]
    service = recording.one("Service", "login")
    inside = f"http://login.{service.namespace}.svc.cluster.local:8080"
    assert service.spec["ports"][0]["port"] == 8080
    assert endpoints == {
        "authorize": f"{OWN['issuer']}/oauth/authorize",
        "end_session": f"{OWN['issuer']}/oauth/end_session",
        "token": f"{inside}/oauth/token",
        "userinfo": f"{inside}/oauth/userinfo",
        "keys": f"{inside}/oauth/jwks.json",
    }
    assert "groups" in told(recording)["scopes"]


def test_nobody_logs_in_as_the_smoke_tests_user(default: Recording) -> None:
    assert told(default)["check_user"] == CHECK_USER
