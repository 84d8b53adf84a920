"""BinderHub by its own chart, with JupyterHub in it: images of repositories, run for users."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.amending import name_of, with_secrets
from components.ingress import Backend
from components.oidc import Client
from components.place import PatternComponent, Place
from components.values import resources
from patterns.binderhub import login, values
from patterns.binderhub.settings import Settings
from sslab.catalogue.quantity import parse_quantity

LOGIN_SECRET, KEY = "binderhub-login", "client-secret"
ELSEWHERE = 64 * "0"
"""Stands in the values for what the chart would else make up anew each time it is rendered."""


class BinderHub(pulumi.ComponentResource):
    """The chart, the Secret of the login, and the ways to BinderHub and to the hub."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:BinderHub", name, None, opts)
        if place.identity is None or place.registry is None:  # placement has refused such a site
            raise ValueError(f"{name} needs a login and a registry")
        client = place.identity.client
        Secret(
            LOGIN_SECRET,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=LOGIN_SECRET, namespace=place.namespace),
                string_data={KEY: client.client_secret},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        secrets = _secrets(place, settings, _host(place.registry))
        told = _values(name, settings, place, client, place.registry)
        place.chart(name, told, self, lambda kind, given: amended(kind, given, secrets))
        place.route(name, "binder", 80, self)
        if place.ingress is not None:
            proxy = Backend(namespace=place.namespace, service="proxy-public", port=80)
            place.ingress.route(f"{name}-hub", proxy, self)
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: BinderHub(name, settings, place, opts)


def amended(
    kind: str, given: dict[str, Any], secrets: Mapping[str, Mapping[str, pulumi.Input[str]]]
) -> dict[str, Any]:
    """Return an object of the chart; its Secrets have the laboratory's passwords."""
    known = secrets.get(name_of(given)) if kind == "Secret" else None
    return given if known is None else with_secrets(given, known)


def _host(registry: str) -> str:
    return registry.partition("/")[0]


def _secrets(
    place: Place, settings: Settings, registry: str
) -> dict[str, dict[str, pulumi.Input[str]]]:
    """Return what the chart's Secrets have in place of what it would make up, by their names."""
    known = place.passwords
    account = known["registry"].apply(lambda word: docker_config(registry, settings, word))
    return {
        "hub": {
            "hub.services.binder.apiToken": known["service"],
            "hub.config.ConfigurableHTTPProxy.auth_token": known["proxy"],
            "hub.config.JupyterHub.cookie_secret": known["cookies"].apply(_hexadecimal),
            "hub.config.CryptKeeper.keys": known["users"].apply(_hexadecimal),
        },
        "binder-build-docker-config": {"config.json": account},
    }


def _hexadecimal(password: str) -> str:
    """Return 32 bytes in the form that the hub wants them in."""
    return hashlib.sha256(password.encode()).hexdigest()


def docker_config(registry: str, settings: Settings, password: str) -> str:
    """Return the configuration by which Docker knows the account at the registry."""
    account = base64.b64encode(f"{settings.registry_user}:{password}".encode()).decode()
    return json.dumps({"auths": {f"https://{registry}": {"auth": account}}})


def _values(
    name: str, settings: Settings, place: Place, client: Client, registry: str
) -> values.BinderHubValues:
    house = place.house
    hub = place.url(f"{name}-hub")
    memory = int(parse_quantity(settings.build_memory))
    return values.BinderHubValues(
        config={
            "BinderHub": {
                "auth_enabled": True,
                "hub_url": f"{hub}/",
                "hub_url_local": "http://proxy-public",
                "use_registry": True,
                "image_prefix": f"{registry}/binder-",
                "per_repo_quota": settings.per_repository,
            },
            "KubernetesBuildExecutor": {"memory_request": memory, "memory_limit": memory},
        },
        registry=values.Registry(url=f"https://{_host(registry)}", username=settings.registry_user),
        resources=resources(house, "200m", "512Mi", cpu_limit="1"),
        dind=values.Builder(resources=resources(house, "500m", "1Gi", cpu_limit="2")),
        jupyterhub=values.JupyterHub(
            hub=_hub(name, settings, place, client, hub),
            proxy=values.Proxy(
                chp=values.Router(resources=resources(house, "100m", "256Mi", cpu_limit="1"))
            ),
            singleuser=_user(settings, place),
            image_pull_secrets=[house.pull_secret] if house.pull_secret else None,
        ),
    )


def _hub(name: str, settings: Settings, place: Place, client: Client, hub: str) -> values.Hub:
    secret = {"secretKeyRef": {"name": LOGIN_SECRET, "key": KEY}}
    return values.Hub(
        config={
            "JupyterHub": {
                "authenticator_class": "generic-oauth",
                "cookie_secret": ELSEWHERE,
            },
            "ConfigurableHTTPProxy": {"auth_token": ELSEWHERE},
            "CryptKeeper": {"keys": [ELSEWHERE]},
            "BinderSpawner": {"auth_enabled": True},
            login.AUTHENTICATOR: login.options(client, hub),
        },
        extra_config={"10-login": login.program(client)},
        extra_env={"OAUTH_CLIENT_SECRET": {"valueFrom": secret}},
        load_roles={"user": {"scopes": ["self", "access:services!service=binder"]}},
        active_server_limit=settings.users,
        services=values.Services(
            binder=values.Binder(
                oauth_redirect_uri=f"{place.url(name)}/oauth_callback", api_token=ELSEWHERE
            )
        ),
        db=values.Database(
            pvc=values.Claim(storage="1Gi", storage_class_name=place.storage.rwo_class)
        ),
        resources=resources(place.house, "200m", "512Mi", cpu_limit="1"),
    )


def _user(settings: Settings, place: Place) -> values.User:
    requests = {"cpu": settings.user_cpu, "memory": settings.user_memory}
    twice = f"{int(2000 * parse_quantity(settings.user_cpu))}m"
    limits = place.house.limits(requests, {**requests, "cpu": twice})
    cpu, memory = (
        values.Amount(
            guarantee=float(parse_quantity(requests[unit])),
            limit=float(parse_quantity(limits[unit])),
        )
        for unit in ("cpu", "memory")
    )
    return values.User(cpu=cpu, memory=memory)
