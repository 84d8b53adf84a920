"""The values of OSG's hosted compute element's chart that the laboratory sets."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from components.values import PascalValues


class Topology(PascalValues):
    """What OSG knows it as; without an entry it is of the test bed, with the chart's own names."""

    production: bool
    resource: str | None = None
    resource_group: str | None = None
    contact: str | None = None
    contact_email: str | None = None
    city: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class RemoteCluster(PascalValues):
    """The batch system, and how it is reached: amounts are in MB and minutes."""

    login_host: str
    known_hosts: str | None
    private_key_secret: str
    batch: str
    memory_per_node: int
    cores_per_node: int
    max_wall_time: int


class Networking(PascalValues):
    """Its own address and name."""

    service_type: str = "LoadBalancer"
    hostname: str
    request_ip: str | None = Field(alias="RequestIP")


class Logger(PascalValues):
    """A web server with the logs: it makes a password up, and writes it into its own."""

    enabled: bool = False


class HostedCEValues(PascalValues):
    """All of it. The mapping has an entry for each issuer, or issuer and subject, to an account."""

    instance: str
    topology: Topology
    remote_cluster: RemoteCluster
    networking: Networking
    sci_token_remote_user_mapping: tuple[Mapping[str, str], ...]
    http_logger: Logger = Field(default=Logger(), alias="HTTPLogger")
