from __future__ import annotations

import base64
import json
from typing import Any

from patterns.binderhub.component import amended, docker_config
from patterns.binderhub.settings import Settings
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity, total
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, needed, requested
from tests.components.recording import Recording, site

REGISTRY = {"images": "registry.example.edu/ssl", "pull_secret": "pull"}
STATED_BY_NOBODY = {"cpu": ["50m", "50m"], "memory": ["64Mi"]}  # of the cleaner and the builder


def laboratory(settings: dict[str, Any] | None = None, **site_has: Any) -> Recording:
    return charted.laboratory("binderhub", settings, registry=REGISTRY, **site_has)


def values(settings: dict[str, Any] | None = None, **site_has: Any) -> dict[str, Any]:
    return charted.values(laboratory(settings, **site_has))


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory()).props
    assert (made["chart"], made["version"]) == ("binderhub", "1.0.0-0.dev.git.3983.h383374de")
    assert made["repositoryOpts"] == {"repo": "https://jupyterhub.github.io/helm-chart"}


def test_images_go_to_the_sites_registry() -> None:
    told = values({"registry_user": "robot"})
    assert told["config"]["BinderHub"]["image_prefix"] == "registry.example.edu/ssl/binder-"
    assert told["registry"] == {"url": "https://registry.example.edu", "username": "robot"}
    assert told["jupyterhub"]["imagePullSecrets"] == ["pull"]
    account = json.loads(docker_config("hub.example.edu", Settings(), "word"))
    assert (
        base64.b64decode(account["auths"]["https://hub.example.edu"]["auth"]) == b"binderhub:word"
    )


def test_users_log_in_at_the_sites_issuer() -> None:
    made = laboratory()
    hub = charted.values(made)["jupyterhub"]["hub"]
    assert hub["config"]["JupyterHub"]["authenticator_class"] == "generic-oauth"
    login = hub["config"]["GenericOAuthenticator"]
    assert login["client_id"] == "laboratory"
    host = "https://binderhub-hub.ssl.example.edu"
    assert login["oauth_callback_url"] == f"{host}/hub/oauth_callback"
    assert "https://login.example.edu/.well-known" in hub["extraConfig"]["10-login"]
    assert hub["services"]["binder"]["oauth_redirect_uri"] == (
        "https://binderhub.ssl.example.edu/oauth_callback"
    )
    reference = hub["extraEnv"]["OAUTH_CLIENT_SECRET"]["valueFrom"]["secretKeyRef"]
    secret = made.one("Secret", reference["name"], "binderhub")
    assert secret.props["stringData"] == {reference["key"]: "value-of-identity-client-secret"}


def test_no_password_is_among_the_values_and_what_stands_there_is_replaced() -> None:
    told = values()
    assert "value-of-" not in str(told)
    hub = told["jupyterhub"]["hub"]
    assert set(hub["config"]["JupyterHub"]["cookie_secret"]) == {"0"}
    known = {"hub": {"hub.config.JupyterHub.cookie_secret": "from the laboratory"}}
    data = {"values.yaml": "e30=", "hub.config.JupyterHub.cookie_secret": "MDA="}
    made = amended("Secret", {"metadata": {"name": "hub"}, "data": data}, known)
    assert made["data"] == {"values.yaml": "e30="}
    assert made["stringData"] == known["hub"]
    deployment = {"metadata": {"name": "hub"}, "spec": {}}
    assert amended("Deployment", deployment, known) is deployment


def test_nothing_takes_an_address_and_users_get_no_privileged_container() -> None:
    made = laboratory()
    told = charted.values(made)
    assert told["service"] == told["jupyterhub"]["proxy"]["service"] == {"type": "ClusterIP"}
    assert told["jupyterhub"]["singleuser"]["cloudMetadata"] == {"blockWithIptables": False}
    hosts = {rule["host"]: rule["http"]["paths"][0]["backend"]["service"]["name"]
             for each in made.of("Ingress") if each.namespace == "binderhub"
             for rule in each.spec["rules"]}  # fmt: skip
    assert hosts == {
        "binderhub.ssl.example.edu": "binder",
        "binderhub-hub.ssl.example.edu": "proxy-public",
    }


def test_the_contract_says_what_the_chart_and_its_users_request() -> None:
    told = values()
    user = told["jupyterhub"]["singleuser"]
    users = told["jupyterhub"]["hub"]["activeServerLimit"]
    builder = told["config"]["KubernetesBuildExecutor"]["memory_request"]
    for resource, build in (("cpu", 0), ("memory", builder)):
        together = requested(told, resource) + total(STATED_BY_NOBODY[resource]) + build
        together += users * parse_quantity(str(user[resource]["guarantee"]))
        assert needed("binderhub", resource) == together, (resource, float(together))


def test_only_a_site_that_allows_privileged_pods_and_has_a_registry_can_run_it() -> None:
    contract = CONTRACTS["binderhub"]
    sound = {**charted.LARGE, "cni": {"network_policy": True}, "registry": REGISTRY}
    assert place(contract, site(**sound)).possible
    poor = {"scope": "namespace", "namespaces": ["given"]}
    reasons = place(contract, site(**{**sound, "privilege": poor, "registry": {}})).reasons
    assert [each.field for each in reasons] == [
        "registry.images",
        "privilege.scope",
        "privilege.privileged",
        "privilege.host_path",
    ]
