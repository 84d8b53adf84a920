"""REANA by its own chart: a server that takes workflows, and a controller that makes their pods."""

from __future__ import annotations

from urllib.parse import urlsplit

import pulumi

from components.ingress import Backend
from components.place import PatternComponent, Place
from patterns.reana import values
from patterns.reana.amendments import Amendments
from patterns.reana.settings import Settings


class Reana(pulumi.ComponentResource):
    """The chart, with passwords of the laboratory's, and the way to its pages and its API."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:Reana", name, None, opts)
        amendments = Amendments(
            release=name,
            house=place.house,
            shared_class=place.storage.rwx_class,
            mirror=place.chart_rules.mirror,
            passwords=place.passwords,
        )
        place.chart(name, _values(name, settings, place), self, amendments)
        if place.ingress is not None:
            page, server = (
                Backend(namespace=place.namespace, service=f"{name}-{part}", port=80)
                for part in ("ui", "server")
            )
            place.ingress.route(name, page, self, {"/api": server, "/oauth": server})
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: Reana(name, settings, place, opts)


def _values(name: str, settings: Settings, place: Place) -> values.ReanaValues:
    public = urlsplit(place.url(name))
    requests = {"cpu": settings.job_cpu, "memory": settings.job_memory}
    limits = place.house.limits(requests, requests)
    return values.ReanaValues(
        reana_hostname=public.hostname or name,
        reana_hostport=public.port or (443 if public.scheme == "https" else 80),
        shared_storage=values.SharedStorage(volume_size=settings.shared_gb),
        components=values.Components(
            reana_server=values.Server(
                environment={
                    "REANA_MAX_CONCURRENT_BATCH_WORKFLOWS": str(settings.workflows),
                    # the laboratory has no mail server
                    "REANA_USER_EMAIL_CONFIRMATION": "false",
                }
            )
        ),
        ingress=values.Routes(
            ingress_class_name=place.ingress.class_name if place.ingress else None
        ),
        kubernetes_jobs_cpu_request=requests["cpu"],
        kubernetes_jobs_cpu_limit=limits["cpu"],
        kubernetes_jobs_memory_request=requests["memory"],
        kubernetes_jobs_memory_limit=limits["memory"],
        kubernetes_jobs_max_user_memory_limit=settings.most_job_memory,
    )
