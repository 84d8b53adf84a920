"""What a site is: where, how large, how connected. Facts that a reader asks the source of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sslab.site.types import (
    DnsLabel,
    DnsName,
    MailAddress,
    Model,
    Moment,
    OneLine,
    Quantity,
    ResourceName,
    TimeOfDay,
    TimeZone,
)


class Fact(Model):
    """Something that somebody found out; what is not known is null."""

    source: OneLine | None = Field(
        default=None,
        description="Where the values here come from: a page, a document, the site's own staff.",
        examples=["the site's documentation"],
    )
    date: Moment | None = Field(
        default=None,
        description="When they were true: a year, a month or a day.",
        examples=["2026-11"],
    )
    confidence: Literal["verified", "public", "seed", "unknown"] = Field(
        default="unknown",
        description="`verified`: seen on the site itself. `public`: from a public page. `seed`: "
        "from the laboratory's founding notes of 2019, or a first value of ours. `unknown`: "
        "nobody has looked.",
    )


class Contact(Model):
    """A team to write to; no personal data."""

    role: DnsLabel = Field(
        description="What the team is asked for: operations, security, ...",
        examples=["operations"],
    )
    address: MailAddress | None = Field(
        description="The team's e-mail address, never a person's. Null: not known yet.",
        examples=["operations@example.edu"],
    )


class Location(Fact):
    """Where the site is, so that data close to it can be found."""

    latitude: float | None = Field(
        default=None, ge=-90, le=90, description="Degrees north.", examples=[40.1]
    )
    longitude: float | None = Field(
        default=None, ge=-180, le=180, description="Degrees east.", examples=[-88.2]
    )


class Capacity(Fact):
    """What the whole site has, the laboratory's part of it being `quota`."""

    nodes: int | None = Field(default=None, ge=1, description="Worker nodes.", examples=[9])
    cpu: Quantity | None = Field(
        default=None, description="CPU cores of all nodes together.", examples=["432"]
    )
    memory: Quantity | None = Field(
        default=None, description="Memory of all nodes together, in bytes.", examples=["1500Gi"]
    )
    storage: Quantity | None = Field(
        default=None, description="Storage of the whole site, in bytes.", examples=["3200Gi"]
    )


class Gpu(Fact):
    """Accelerators of one model."""

    model: OneLine | None = Field(
        default=None,
        description="The model, as its maker calls it. Null: several, or not known.",
        examples=["A100"],
    )
    count: int | None = Field(
        default=None, ge=1, description="How many there are. Null: not known.", examples=[4]
    )
    resource: ResourceName = Field(
        default="nvidia.com/gpu", description="The resource that a pod asks for."
    )


class Network(Fact):
    """How the site is connected to the outside."""

    wan_gbps: float | None = Field(
        default=None, gt=0, description="Bandwidth to the outside, in Gb/s.", examples=[100.0]
    )
    egress: Literal["open", "listed", "none"] | None = Field(
        default=None,
        description="What pods may reach outside: everything, the hosts of `egress_hosts`, or "
        "nothing. Null: not known, taken for everything.",
        examples=["open"],
    )
    egress_hosts: tuple[DnsName, ...] = Field(
        default=(),
        description="The hosts that pods may reach where `egress` is `listed`.",
        examples=[["data.example.edu"]],
    )


class MaintenanceWindow(Model):
    """A time of the week in which the site may change or be away."""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = (
        Field(description="The day of the week on which it starts.")
    )
    start: TimeOfDay = Field(description="When it starts.", examples=["06:00"])
    hours: int = Field(ge=1, le=72, description="How long it lasts, in hours.", examples=[4])
    time_zone: TimeZone = Field(
        description="The time zone of `start`, by its IANA name.", examples=["America/Chicago"]
    )


class Batch(Fact):
    """A batch system at the site that the laboratory may send work to."""

    kind: Literal["htcondor-ce", "htcondor", "slurm"] = Field(
        description="What it is: an HTCondor compute element, an HTCondor pool, Slurm."
    )
    endpoint: DnsName | None = Field(
        default=None,
        description="The host that takes the work. Null: not known yet.",
        examples=["ce.example.edu"],
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Its TCP port. Default: the system's own (9619, 9618, 6817).",
        examples=[9619],
    )
