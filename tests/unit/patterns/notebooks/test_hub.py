"""How the hub is set up: whom it lets in, what it offers, and how pods come out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from patterns.notebooks.workload.notebooks import issuer
from patterns.notebooks.workload.notebooks.configuration import configure
from patterns.notebooks.workload.notebooks.login import groups, refusal
from patterns.notebooks.workload.notebooks.profiles import as_choice, offered

IDPS = ["urn:mace:incommon:example.edu"]
ENDPOINTS = {"authorize": "http://a", "token": "http://t", "userinfo": "http://u"}
PROFILE: dict[str, Any] = {
    "name": "small",
    "title": "Small",
    "description": "",
    "groups": [],
    "cpu": 0.25,
    "cpu_limit": 1.0,
    "memory": 2**30,
    "memory_limit": 2**30,
    "gpu": 0,
    "gpu_resource": "nvidia.com/gpu",
}
SETTINGS: dict[str, Any] = {
    "name": "notebooks",
    "url": "https://notebooks.example.edu",
    "callback": "https://notebooks.example.edu/hub/oauth_callback",
    "hub": "http://notebooks-hub:8081",
    "proxy": "http://notebooks-proxy-api:8001",
    "database": "/data/jupyterhub.sqlite",
    "issuer": "https://login.example.edu",
    "endpoints": ENDPOINTS,
    "client": "ssl",
    "identity_providers": IDPS,
    "username_claim": "sub",
    "groups_claim": "isMemberOf",
    "scopes": ["openid"],
    "login_parameters": {},
    "image": "registry/notebook:1",
    "pull_secret": None,
    "examples": "notebooks-examples",
    "storage_size": "1Gi",
    "storage_class": None,
    "idle_timeout_s": 120,
    "cull_every_s": 30,
    "most_servers": 2,
    "start_timeout_s": 300,
    "check_user": "ssl-check",
    "profiles": [PROFILE],
}
SECRETS = dict.fromkeys(("COOKIE_SECRET", "CLIENT_SECRET", "CHECK_TOKEN"), "x" * 48)


def configured(**changes: Any) -> Any:
    c = Config()
    configure(c, {**SETTINGS, **changes}, SECRETS)
    return c


def test_members_of_other_identity_providers_are_refused_by_the_hub_itself() -> None:
    assert refusal("ada", {"idp": IDPS[0]}, IDPS, "ssl-check") is None
    assert refusal("eve", {"idp": "https://elsewhere"}, IDPS, "ssl-check") is not None
    assert refusal("bob", {}, IDPS, "ssl-check") is not None
    assert refusal("bob", {}, [], "ssl-check") is None


def test_nobody_comes_in_as_the_smoke_tests_user() -> None:
    assert "smoke test" in str(refusal("ssl-check", {"idp": IDPS[0]}, IDPS, "ssl-check"))


@pytest.mark.parametrize(
    ("claim", "expected"),
    [(["a", "b"], ["a", "b"]), ("a", ["a"]), (None, []), ([], [])],
)
def test_groups_come_in_several_shapes_or_not_at_all(claim: Any, expected: list[str]) -> None:
    assert groups({"isMemberOf": claim}, "isMemberOf") == expected
    assert groups({}, "isMemberOf") == []


def test_the_hook_refuses_and_lets_in_by_what_the_issuer_says() -> None:
    judge = configured().GenericOAuthenticator.post_auth_hook
    came: dict[str, Any] = {"name": "ada", "auth_state": {"oauth_user": {"idp": IDPS[0]}}}
    assert judge(None, None, came) is came
    came["auth_state"]["oauth_user"]["idp"] = "https://elsewhere"
    with pytest.raises(Exception, match="institution") as caught:
        judge(None, None, came)
    assert getattr(caught.value, "status_code", None) == 403


def test_groups_are_read_from_the_claim_that_the_site_names() -> None:
    read = configured().GenericOAuthenticator.auth_state_groups_key
    assert read({"oauth_user": {"isMemberOf": ["physics"], "groups": ["no"]}}) == ["physics"]


def test_a_profile_is_for_its_groups_and_one_without_groups_for_everybody() -> None:
    large = {**PROFILE, "name": "large", "groups": ["physics", "staff"]}
    names = [each["name"] for each in offered([PROFILE, large], ["physics"])]
    assert names == ["small", "large"]
    assert [each["name"] for each in offered([PROFILE, large], ["art"])] == ["small"]
    assert offered([large], []) == []


def test_whoever_has_no_profile_gets_no_server() -> None:
    choices = configured(profiles=[{**PROFILE, "groups": ["physics"]}]).KubeSpawner.profile_list

    def spawner(*names: str) -> Any:
        return SimpleNamespace(
            user=SimpleNamespace(groups=[SimpleNamespace(name=each) for each in names])
        )

    assert [each["slug"] for each in choices(spawner("physics"))] == ["small"]
    with pytest.raises(Exception, match="for your groups"):
        choices(spawner("art"))


def test_a_profile_with_accelerators_asks_for_them_as_limit_and_request() -> None:
    pod = as_choice({**PROFILE, "gpu": 2})["kubespawner_override"]
    assert pod["extra_resource_limits"] == pod["extra_resource_guarantees"]
    assert pod["extra_resource_limits"] == {"nvidia.com/gpu": "2"}
    assert "extra_resource_limits" not in as_choice(PROFILE)["kubespawner_override"]


def test_the_token_of_the_check_is_for_one_user() -> None:
    (role,) = [
        each for each in configured().JupyterHub.load_roles if each.get("services") == ["check"]
    ]
    assert role["scopes"]
    assert all(scope.endswith("!user=ssl-check") for scope in role["scopes"])
    assert not any(scope.startswith("admin") for scope in role["scopes"])


def test_pods_are_as_restricted_as_the_laboratorys_own() -> None:
    pods = configured().KubeSpawner
    assert pods.container_security_context == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pods.pod_security_context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pods.pod_security_context["runAsUser"] == 65532
    assert pods.automount_service_account_token is False
    assert pods.delete_pvc is False, "a user's volume stays"


def test_servers_tell_of_their_use_more_often_than_they_may_be_idle() -> None:
    c = configured(idle_timeout_s=60)
    assert int(c.KubeSpawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"]) <= 30
    (culler,) = [each for each in c.JupyterHub.services if each["name"] == "idle-culler"]
    assert "--timeout=60" in culler["command"]


DISCOVERED = {
    "issuer": "https://login.example.edu",
    "authorization_endpoint": "https://login.example.edu/a",
    "token_endpoint": "https://login.example.edu/t",
    "userinfo_endpoint": "https://login.example.edu/u",
}


def test_the_issuer_is_asked_where_the_settings_have_no_addresses() -> None:
    asked: list[str] = []

    def fetch(url: str) -> Any:
        asked.append(url)
        return DISCOVERED

    found = issuer.addresses("https://login.example.edu/", None, fetch)
    assert asked == ["https://login.example.edu/.well-known/openid-configuration"]
    assert found == {
        "authorize": "https://login.example.edu/a",
        "token": "https://login.example.edu/t",
        "userinfo": "https://login.example.edu/u",
    }
    assert issuer.addresses("https://x", ENDPOINTS, fetch) is ENDPOINTS


def test_an_issuer_that_speaks_for_another_one_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"says that it is 'https://evil\.org'"):
        issuer.addresses(
            "https://login.example.edu",
            None,
            lambda _: {**DISCOVERED, "issuer": "https://evil.org"},
        )
    lacking = {key: value for key, value in DISCOVERED.items() if key != "token_endpoint"}
    with pytest.raises(RuntimeError, match="does not tell its token_endpoint"):
        issuer.addresses("https://login.example.edu", None, lambda _: lacking)


def test_an_issuer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer, "PAUSE_S", 0.0)
    answers: list[Any] = [OSError("refused"), DISCOVERED]

    def fetch(_: str) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert issuer.addresses("https://login.example.edu", None, fetch)["token"].endswith("/t")
    monkeypatch.setattr(issuer, "PATIENCE_S", -1.0)
    answers[:] = [OSError("refused")]
    with pytest.raises(RuntimeError, match="does not answer: refused"):
        issuer.addresses("https://login.example.edu", None, fetch)
