"""The compute element's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Address, DnsName, MailAddress, Model, OneLine, WebAddress, Word


class Topology(Model):
    """What OSG's registry, Topology, knows the compute element as."""

    resource: Word = Field(description="Its name there.", examples=["SLATE_US_EXAMPLE_CLUSTER"])
    group: Word = Field(description="The group of resources that it is in.", examples=["EXAMPLE"])
    contact: OneLine = Field(description="The team that answers for it.", examples=["Operations"])
    address: MailAddress = Field(
        description="The team's e-mail address.", examples=["operations@example.edu"]
    )
    city: OneLine = Field(description="Where it is.", examples=["Chicago"])
    country: str = Field(
        pattern="^[A-Z]{2}$", description="The country, by two letters.", examples=["US"]
    )
    latitude: float = Field(ge=-90, le=90, description="Degrees north.", examples=[41.8])
    longitude: float = Field(ge=-180, le=180, description="Degrees east.", examples=[-87.6])


class Accepted(Model):
    """Whose jobs are taken: an issuer of SciTokens, and the account that runs its jobs."""

    issuer: WebAddress = Field(
        description="The issuer of the tokens.", examples=["https://scitokens.org/osg-connect"]
    )
    subject: str | None = Field(
        default=None,
        pattern="^[A-Za-z0-9@._-]{1,200}$",
        description="The one subject that is taken. Null: all of the issuer's.",
        examples=["pilot@example.edu"],
    )
    user: str = Field(
        pattern="^[a-z][a-z0-9_]{0,30}$",
        description="The account at the batch system that runs their jobs.",
        examples=["osg01"],
    )


class Settings(Model):
    """What a site may choose."""

    host: DnsName | None = Field(
        default=None,
        description="Its public name; DNS has to lead it to `address` and back. Default: "
        "`htcondor-ce` under `ingress.domain`.",
        examples=["ce.example.edu"],
    )
    address: Address | None = Field(
        default=None,
        description="The address of the load balancer that it takes. Null: any.",
        examples=["192.0.2.20"],
    )
    topology: Topology | None = Field(
        default=None,
        description="Its entry in OSG's registry. Null: it has none, and is of the test bed.",
    )
    accepts: tuple[Accepted, ...] = Field(default=(), description="Whose jobs it takes.")
    login_host: DnsName | None = Field(
        default=None,
        description="Where it logs in by SSH to submit jobs. Default: the batch system's own host.",
        examples=["login.example.edu"],
    )
    known_hosts: tuple[OneLine, ...] = Field(
        default=(),
        description="The keys of that host, as lines of `known_hosts`. Default: the first key that "
        "it shows is believed.",
        examples=[["login.example.edu ssh-ed25519 AAAA"]],
    )
    node_cpus: int = Field(default=1, ge=1, le=1024, description="Cores of a machine there.")
    node_memory_mb: int = Field(
        default=2048, ge=128, le=64_000_000, description="Memory of a machine there, in MB."
    )
    minutes: int = Field(
        default=1440, ge=1, le=100_000, description="How long a job may run there, in minutes."
    )
