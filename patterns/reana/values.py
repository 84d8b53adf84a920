"""The values of REANA's chart that the laboratory sets; the chart writes them in snake case."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict, Field

from components.values import Known, Values


class Snake(Values):
    """Values that have the chart's own names."""

    model_config = ConfigDict(alias_generator=None)


class SharedStorage(Snake):
    """The volume of all workspaces and of the database: neither the node's folder nor CephFS."""

    backend: str = "nfs"
    volume_size: int
    access_modes: str = "ReadWriteMany"


class Part(Snake):
    """A part that runs or does not."""

    enabled: bool = False


class Routes(Snake):
    """The chart's own routes are off; the class is for those of the notebooks that it makes."""

    enabled: bool = False
    ingress_class_name: Known | None


class Page(Snake):
    """The web pages. An administrator makes the accounts."""

    hide_signup: bool = True


class Server(Snake):
    """The API, by the variables of its environment."""

    environment: Mapping[str, str]


class Components(Snake):
    """Parts that are told something."""

    reana_ui: Page = Page()
    reana_server: Server


class ReanaValues(Snake):
    """All of it. Passwords are in none of it: they are put into the Secrets that it makes."""

    reana_hostname: str
    reana_hostport: int
    shared_storage: SharedStorage
    components: Components
    ingress: Routes
    traefik: Part = Part()
    kueue: Part = Part()
    dask: Part = Part()
    opensearch: Part = Part()
    fluent_bit: Part = Field(default=Part(), alias="fluent-bit")
    kubernetes_jobs_cpu_request: str
    kubernetes_jobs_cpu_limit: str
    kubernetes_jobs_memory_request: str
    kubernetes_jobs_memory_limit: str
    kubernetes_jobs_max_user_memory_limit: str
