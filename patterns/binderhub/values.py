"""The values of BinderHub's chart, and of JupyterHub's in it, that the laboratory sets.

What is under `config` is handed to the applications as it is, by the names that they have there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from components.values import Resources, Values

Options = Mapping[str, Any]
"""What a class of an application is configured with."""


class Part(Values):
    """A part that runs or does not."""

    enabled: bool = False


class Registry(Values):
    """The account that pushes images; its password is in no value."""

    url: str
    username: str


class Service(Values):
    """How a part is reached: from inside, and through the site's own ingress."""

    type: str = "ClusterIP"


class Builder(Values):
    """The Docker that makes images: one on each node, privileged."""

    resources: Resources


class Claim(Values):
    """A volume; without a class it is of the cluster's default one."""

    storage: str
    storage_class_name: str | None


class Database(Values):
    """The hub's database, a file on a volume."""

    type: str = "sqlite-pvc"
    pvc: Claim


class Binder(Values):
    """BinderHub as a service of the hub: users are sent there and back to log in."""

    oauth_client_id: str = Field(default="service-binderhub", alias="oauth_client_id")
    oauth_no_confirm: bool = Field(default=True, alias="oauth_no_confirm")
    oauth_redirect_uri: str = Field(alias="oauth_redirect_uri")
    api_token: str


class Services(Values):
    """The services of the hub."""

    binder: Binder


class Hub(Values):
    """JupyterHub itself."""

    config: Mapping[str, Options]
    extra_config: Mapping[str, str]
    extra_env: Mapping[str, Options]
    load_roles: Mapping[str, Options]
    redirect_to_server: bool = False
    active_server_limit: int
    services: Services
    db: Database
    resources: Resources


class Router(Values):
    """What finds each user's notebook."""

    resources: Resources


class Proxy(Values):
    """JupyterHub's own way in. The laboratory's ingress has the certificates."""

    service: Service = Service()
    chp: Router
    https: Part = Part()


class Amount(Values):
    """So much, as JupyterHub counts it: cores, or bytes."""

    guarantee: float
    limit: float


class Metadata(Values):
    """Whether a privileged container keeps users from the cloud's metadata; a policy does."""

    block_with_iptables: bool = False


class User(Values):
    """The pod of a user."""

    cmd: str = "jupyterhub-singleuser"
    cpu: Amount
    memory: Amount
    cloud_metadata: Metadata = Metadata()


class Culling(Values):
    """What ends idle notebooks; accounts stay, as they are the issuer's."""

    enabled: bool = True
    users: bool = False


class Scheduling(Values):
    """JupyterHub's own scheduler is off: it would need rights in the whole cluster."""

    user_scheduler: Part = Part()
    user_placeholder: Part = Part()


class Pulling(Values):
    """Images are not pulled before somebody asks for them."""

    hook: Part = Part()
    continuous: Part = Part()


class JupyterHub(Values):
    """The chart in the chart."""

    hub: Hub
    proxy: Proxy
    singleuser: User
    cull: Culling = Culling()
    scheduling: Scheduling = Scheduling()
    pre_puller: Pulling = Pulling()
    image_pull_secrets: list[str] | None


class BinderHubValues(Values):
    """All of it."""

    config: Mapping[str, Options]
    registry: Registry
    service: Service = Service()
    resources: Resources
    image_builder_type: str = "dind"
    dind: Builder
    jupyterhub: JupyterHub
