"""The values of Frontier Squid's chart that the laboratory sets."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_pascal

from components.values import Values


class Pascal(Values):
    """Values whose names begin with a capital."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Service(Pascal):
    """How it is reached: from inside the cluster."""

    external_visibility: str = "ClusterIP"


class SquidConf(Pascal):
    """What squid is configured with; amounts are in MB."""

    cache_mem: int
    cache_size: int
    ip_range: str = Field(alias="IPRange")


class FrontierSquidValues(Pascal):
    """All of it."""

    service: Service = Service()
    squid_conf: SquidConf
