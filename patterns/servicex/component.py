"""ServiceX by its own chart: an API, code generators, and pods that read files for each request."""

from __future__ import annotations

from typing import get_args
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.ingress import Backend
from components.place import PatternComponent, Place
from components.values import resources
from patterns.servicex import values
from patterns.servicex.settings import CodeGenerator, DidFinder, Settings

SECRET = "servicex-secrets"
ACCOUNT = "servicex"
OF_THE_CHART: tuple[str, ...] = ("atlasr21", "atlasr22", "cmssw-5-3-32", *get_args(CodeGenerator))
FINDERS_OF_THE_CHART: tuple[str, ...] = ("servicex", "rucio", *get_args(DidFinder))
QUEUES = "8Gi"


class ServiceX(pulumi.ComponentResource):
    """The chart, the Secret that it reads its passwords from, and how both are reached."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:ServiceX", name, None, opts)
        Secret(
            SECRET,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=SECRET, namespace=place.namespace),
                string_data=_passwords(place),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        place.chart(name, _values(name, settings, place), self)
        place.route(name, f"{name}-servicex-app", 8000, self)
        if place.ingress is not None:
            # a link to a result is signed: whoever has it needs no login
            backend = Backend(namespace=place.namespace, service=f"{name}-minio", port=9000)
            place.ingress.route(f"{name}-results", backend, self)
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: ServiceX(name, settings, place, opts)


def _passwords(place: Place) -> dict[str, pulumi.Input[str]]:
    """Return the Secret's content, by the keys that the chart and those in it look for."""
    known = place.passwords
    unused = (
        *("mailgunAPIKey", "slackSigningSecret", "slackSignupWebhook", "geoip-license-key"),
        *("oauthClientID", "oauthClientSecret", "oauthMetadataURL"),
        *("globusClientID", "globusClientSecret"),
    )
    return {
        **dict.fromkeys(unused, "unused"),  # a pod does not start where a key is not there
        "flaskSecretKey": known["session"],
        "jwtSecretKey": known["tokens"],
        "postgresql-password": known["database"],
        "rabbitmq-password": known["broker"],
        "rabbitmq-erlang-cookie": known["broker-cookie"],
        "root-user": ACCOUNT,
        "root-password": known["objects"],
        "accesskey": ACCOUNT,
        "secretkey": known["objects"],
    }


def _values(name: str, settings: Settings, place: Place) -> values.ServiceXValues:
    house, storage_class = place.house, place.storage.rwo_class
    public = urlsplit(place.url(f"{name}-results"))
    generator = resources(house, "100m", "256Mi", cpu_limit="500m")
    finder = resources(house, "100m", "128Mi", cpu_limit="500m")
    return values.ServiceXValues(
        secrets=SECRET,
        app=values.App(resources=resources(house, "100m", "2Gi", cpu_limit="1")),
        code_gen={
            each: values.Part(enabled=True, resources=generator)
            if each in settings.code_generators
            else values.Part(enabled=False)
            for each in OF_THE_CHART
        },
        did_finder={
            each: values.Part(enabled=True, resources=finder)
            if each in settings.did_finders
            else values.Part(enabled=False)
            for each in FINDERS_OF_THE_CHART
        },
        object_store=values.ObjectStore(
            public_url=public.netloc, public_client_use_tls=public.scheme == "https"
        ),
        minio=values.Minio(
            auth=values.MinioAuth(existing_secret=SECRET),
            persistence=values.Persistence(storage_class=storage_class, size=settings.results),
            resources=resources(house, "100m", "1Gi", cpu_limit="1"),
        ),
        rabbitmq=values.Broker(
            auth=values.BrokerAuth(existing_password_secret=SECRET, existing_erlang_secret=SECRET),
            persistence=values.Persistence(storage_class=storage_class, size=QUEUES),
            resources=resources(house, "100m", "512Mi", cpu_limit="1"),
        ),
        postgresql=_database(place, storage_class),
        transformer=_transformer(settings, place),
    )


def _database(place: Place, storage_class: str | None) -> values.Database:
    return values.Database(
        globals=values.Globals(
            postgresql=values.DatabaseGlobal(
                auth=values.DatabaseAuth(
                    existing_secret=SECRET,
                    secret_keys=values.DatabaseKeys(admin_password_key="postgresql-password"),
                )
            )
        ),
        primary=values.DatabaseServer(
            persistence=values.Persistence(storage_class=storage_class, size=QUEUES),
            resources=resources(place.house, "250m", "512Mi", cpu_limit="1"),
        ),
    )


def _transformer(settings: Settings, place: Place) -> values.Transformer:
    requests = {"cpu": settings.transformer_cpu, "memory": settings.transformer_memory}
    limits = place.house.limits(requests, {**requests, "cpu": "1"})
    return values.Transformer(
        autoscaler=values.Autoscaler(max_replicas=settings.transformers),
        cpu_request=requests["cpu"],
        cpu_limit=limits["cpu"],
        memory_request=requests["memory"],
        memory_limit=limits["memory"],
    )
