"""The values of Dask Gateway's chart that the laboratory sets.

The chart refuses what it does not know: its schema is closed.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.values import Resources, Values


class Image(Values):
    """An image, in two parts."""

    name: str
    tag: str


class Amount(Values):
    """So much, as Dask counts it: cores, or bytes."""

    request: float
    limit: float


class Part(Values):
    """The scheduler of a cluster, or each of its workers."""

    cores: Amount
    memory: Amount
    extra_pod_config: Mapping[str, object]
    threads: int | None = None


class Backend(Values):
    """What clusters are made of."""

    image: Image | None
    scheduler: Part
    worker: Part


class Auth(Values):
    """Who may ask for clusters: whoever knows the password, which is in no value."""

    type: str = "simple"


class Gateway(Values):
    """The API."""

    auth: Auth = Auth()
    backend: Backend
    resources: Resources
    extra_config: Mapping[str, str]


class Controller(Values):
    """What makes pods of the clusters that are asked for."""

    resources: Resources


class Service(Values):
    """How the proxy is reached: from inside, and through the site's own ingress."""

    type: str = "ClusterIP"


class Proxy(Values):
    """Traefik, by which clients reach their clusters."""

    resources: Resources
    service: Service = Service()


class DaskGatewayValues(Values):
    """All of it."""

    gateway: Gateway
    controller: Controller
    traefik: Proxy
