"""The values of Frontier Squid's chart that the laboratory sets."""

from __future__ import annotations

from pydantic import Field

from components.values import PascalValues


class Service(PascalValues):
    """How it is reached: from inside the cluster."""

    external_visibility: str = "ClusterIP"


class SquidConf(PascalValues):
    """What squid is configured with; amounts are in MB."""

    cache_mem: int
    cache_size: int
    ip_range: str = Field(alias="IPRange")


class FrontierSquidValues(PascalValues):
    """All of it."""

    service: Service = Service()
    squid_conf: SquidConf
