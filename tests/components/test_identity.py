"""The login of a site: in front of a pattern, and as settings for one that does it itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.identity import Identity, IdentityArgs
from components.oidc import Client
from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import required_secrets
from tests.components.recording import (
    ROOT,
    Recorded,
    Recording,
    image,
    record,
    record_laboratory,
    site,
)

DOMAIN = "ssl.example.edu"
TLS = {"kind": "secret", "secret": "wildcard"}
TRAEFIK = {"kind": "traefik", "domain": DOMAIN}
CLASS = {"kind": "class", "class_name": "haproxy", "domain": DOMAIN}
GATEWAY = {"kind": "gateway", "gateway": "gateways/public", "domain": DOMAIN}
ISSUER = {"issuer": "https://login.example.edu", "client": "ssl"}
CILOGON = {"issuer": "https://cilogon.org", "client": "cilogon:/client_id/12ab"}
IDPS = ["urn:mace:incommon:example.edu", "https://idp.example.org/$shibboleth"]
LOGIN = "fitting-service-login"


def contracts(**needs: bool) -> dict[str, Contract]:
    known = load_contracts(ROOT)
    contract = known["fitting-service"]
    changed = contract.needs.model_copy(update=needs or {"login": True})
    return {**known, "fitting-service": contract.model_copy(update={"needs": changed})}


def laboratory(identity: Mapping[str, Any] = ISSUER, **changes: Any) -> Recording:
    return record_laboratory(
        site(**{"identity": identity, "ingress": TRAEFIK, **changes}), contracts=contracts()
    )


def proxy(recording: Recording) -> Recorded:
    return recording.one("Deployment", LOGIN)


def arguments(recording: Recording) -> dict[str, str]:
    args = proxy(recording).container("login")["args"]
    return dict(argument.removeprefix("--").split("=", 1) for argument in args)


def settings(recording: Recording) -> dict[str, Any]:
    text = recording.one("ConfigMap", LOGIN).props["data"]["settings.yaml"]
    found: dict[str, Any] = json.loads(text.replace("$$", "$"))
    return found


def provider(recording: Recording) -> dict[str, Any]:
    (found,) = settings(recording)["providers"]
    return dict(found)


def headers(recording: Recording) -> dict[str, list[str]]:
    return {
        each["name"]: [value["claimSource"]["claim"] for value in each["values"]]
        for each in settings(recording)["injectRequestHeaders"]
    }


def test_without_a_pattern_that_asks_for_it_there_is_no_login() -> None:
    recording = record_laboratory(site(identity=ISSUER))
    assert not [each for each in recording if each.token == "ssl:components:Identity"]
    assert not [each for each in recording.objects() if "login" in each.name]


@pytest.mark.parametrize("ingress", [TRAEFIK, CLASS])
def test_the_route_leads_through_the_login(ingress: dict[str, Any]) -> None:
    recording = laboratory(ingress=ingress)
    (rule,) = recording.one("Ingress", "fitting-service").spec["rules"]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": LOGIN, "port": {"number": 4180}}
    led = recording.one("Service", LOGIN)
    assert led.namespace == "fitting-service"
    assert led.spec["selector"] == proxy(recording).template["metadata"]["labels"]
    assert led.spec["selector"] != recording.one("Service", "fitting-service").spec["selector"]
    (upstream,) = settings(recording)["upstreamConfig"]["upstreams"]
    assert upstream["uri"] == "http://fitting-service:8080"


def test_a_gateways_route_leads_through_the_login() -> None:
    (route,) = [
        each
        for each in laboratory(ingress=GATEWAY).of("HTTPRoute")
        if each.name == "fitting-service"
    ]
    assert route.spec["rules"] == [{"backendRefs": [{"name": LOGIN, "port": 4180}]}]


def test_a_tenant_gets_the_login_in_its_namespace_and_nothing_outside() -> None:
    recording = laboratory(
        ingress=CLASS,
        privilege={"scope": "namespace", "namespaces": ["tenant"]},
        load_balancing=None,
    )
    made = [each for each in recording.objects() if each.name == LOGIN]
    assert {each.kind for each in made} == {"ConfigMap", "Deployment", "Secret", "Service"}
    assert {each.namespace for each in made} == {"tenant"}


def test_the_address_to_come_back_to_is_the_services_own() -> None:
    assert arguments(laboratory())["redirect-url"] == (
        f"http://fitting-service.{DOMAIN}/oauth2/callback"
    )
    there = laboratory(ingress={**CLASS, "tls": TLS, "port": 8443})
    assert arguments(there)["redirect-url"] == (
        f"https://fitting-service.{DOMAIN}:8443/oauth2/callback"
    )


def test_a_cookie_is_for_one_service_and_secure_where_there_is_tls() -> None:
    plain, encrypted = arguments(laboratory()), arguments(laboratory(ingress={**CLASS, "tls": TLS}))
    assert (plain["cookie-name"], plain["cookie-secure"]) == ("login-fitting-service", "false")
    assert encrypted["cookie-name"] == "__Host-login-fitting-service"
    assert encrypted["cookie-secure"] == "true"
    assert "whitelist-domain" not in plain, "it would redirect to other hosts"
    assert "metricsServer" not in settings(laboratory())


def test_the_client_proves_itself_and_each_login_is_new() -> None:
    found = provider(laboratory())
    assert (found["clientID"], found["clientSecretFile"]) == ("ssl", "/etc/login-secrets/client")
    assert found["oidcConfig"]["issuerURL"] == "https://login.example.edu"
    assert found["oidcConfig"]["insecureSkipNonce"] is False
    assert found["code_challenge_method"] == "S256"
    assert found["scope"] == "openid email profile"


def test_the_secrets_are_files_of_a_secret_and_encrypted_in_the_state() -> None:
    recording = laboratory()
    secret = recording.one("Secret", LOGIN)
    assert secret.props["stringData"] == {
        "client": "value-of-identity-client-secret",
        "cookies": "value-of-identity-cookie-secret",
    }
    assert not secret.plain("stringData.client")
    assert not secret.plain("stringData.cookies")
    told = json.dumps([each.props for each in recording.objects() if each is not secret])
    assert "value-of-identity" not in told
    (volume,) = [each for each in proxy(recording).pod["volumes"] if each["name"] == "secrets"]
    assert volume["secret"] == {"secretName": LOGIN, "defaultMode": 0o440}


def test_other_settings_and_other_secrets_make_new_pods() -> None:
    def fingerprint(recording: Recording) -> str:
        return str(proxy(recording).template["metadata"]["annotations"]["ssl/secrets"])

    asking = site(identity=ISSUER, ingress=TRAEFIK)
    keys = [spec.key for spec in required_secrets(asking, contracts())]
    prints = {
        fingerprint(laboratory()),
        fingerprint(laboratory({**ISSUER, "identity_providers": IDPS})),
        fingerprint(
            record_laboratory(asking, contracts=contracts(), secrets=dict.fromkeys(keys, "new"))
        ),
    }
    assert len(prints) == 3


def test_whoever_the_issuer_knows_may_log_in_where_no_provider_is_named() -> None:
    recording = laboratory({**ISSUER, "username_claim": "email", "groups_claim": "roles"})
    assert provider(recording)["allowedGroups"] == []
    assert provider(recording)["oidcConfig"]["groupsClaim"] == "roles"
    assert headers(recording) == {
        "X-Forwarded-User": ["email"],
        "X-Forwarded-Email": ["email"],
        "X-Forwarded-Groups": ["groups"],
    }


def test_only_members_of_the_named_identity_providers_are_let_in() -> None:
    recording = laboratory({**ISSUER, "identity_providers": IDPS, "groups_claim": "isMemberOf"})
    found = provider(recording)
    assert found["allowedGroups"] == IDPS
    assert found["oidcConfig"]["groupsClaim"] == "idp"
    assert set(found["additionalClaims"]) == {"sub", "isMemberOf"}
    assert headers(recording)["X-Forwarded-Groups"] == ["isMemberOf"]
    assert found["loginURLParameters"] == [], "CILogon's own"
    text = recording.one("ConfigMap", LOGIN).props["data"]["settings.yaml"]
    assert "https://idp.example.org/$$shibboleth" in text, "a dollar sign is a variable's"


def test_a_claim_that_is_called_groups_is_not_mistaken_for_the_identity_provider() -> None:
    recording = laboratory({**ISSUER, "identity_providers": IDPS})
    assert headers(recording)["X-Forwarded-Groups"] == [], "thrown away where it comes from outside"


def test_cilogon_is_asked_for_the_identity_provider_and_shows_those_that_are_let_in() -> None:
    found = provider(laboratory({**CILOGON, "identity_providers": IDPS}))
    assert found["scope"] == "openid email profile org.cilogon.userinfo"
    assert found["loginURLParameters"] == [{"name": "selected_idp", "default": [",".join(IDPS)]}]
    assert provider(laboratory(CILOGON))["loginURLParameters"] == []


def test_the_login_counts_in_the_patterns_share_of_the_quota() -> None:
    tight = {"cpu": "740m", "memory": "3200Mi", "pods": 50}
    hard = laboratory(quota=tight).one("ResourceQuota", "fitting-service-quota").spec["hard"]
    assert (hard["requests.cpu"], hard["requests.memory"]) == ("290m", "1152Mi")


def client() -> Client:
    return Client(
        issuer="https://cilogon.org",
        client_id="cilogon:/client_id/12ab",
        client_secret=pulumi.Output.secret("hidden"),
        identity_providers=tuple(IDPS),
        username_claim="sub",
        groups_claim="isMemberOf",
    )


def test_an_application_that_logs_its_users_in_itself_gets_the_settings_and_no_proxy() -> None:
    recording = record_laboratory(
        site(identity=ISSUER, ingress=TRAEFIK), contracts=contracts(login=True, own_login=True)
    )
    assert recording.token("ssl:components:Identity")
    assert not [each for each in recording.objects() if each.name == LOGIN]
    (rule,) = recording.one("Ingress", "fitting-service").spec["rules"]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == "fitting-service"


def test_what_the_application_is_given() -> None:
    def program() -> None:
        made = Identity(
            "identity",
            IdentityArgs(client=client(), address=lambda it: f"https://{it}.{DOMAIN}", proxy=None),
        )
        pulumi.export("secret", made.client.client_secret)
        assert made.client.client_id == "cilogon:/client_id/12ab"
        assert made.client.scopes[-1] == "org.cilogon.userinfo"
        assert made.redirect_url("hub", "/hub/oauth_callback") == (
            f"https://hub.{DOMAIN}/hub/oauth_callback"
        )

    assert record(program).token("ssl:components:Identity")


def test_the_proxy_is_no_more_than_any_pod() -> None:
    recording = laboratory()
    container = proxy(recording).container("login")
    assert container["image"] == image("oauth2-proxy")
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert proxy(recording).pod["securityContext"]["runAsUser"] == 65532
    assert proxy(recording).pod["automountServiceAccountToken"] is False
