"""The settings of the notebooks in a site file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sslab.site.types import DnsLabel, Model, OneLine, Quantity, ResourceName

CHECK_USER = "ssl-check"
"""Whose server the smoke test starts; nobody logs in as this user."""


class Profile(Model):
    """A size of server that users choose, and for which groups it is."""

    name: DnsLabel = Field(description="What it is called in addresses.", examples=["small"])
    title: OneLine | None = Field(default=None, description="What users read. Default: the name.")
    groups: tuple[OneLine, ...] = Field(
        default=(),
        description="The groups, by their names at the issuer, whose members may choose it. "
        "Default: everybody.",
        examples=[["physics"]],
    )
    cpu: Quantity = Field(default="250m", description="CPU that a server requests.")
    cpu_limit: Quantity = Field(default="1", description="CPU that a server may use.")
    memory: Quantity = Field(default="1Gi", description="Memory of a server.")
    gpu: int = Field(default=0, ge=0, le=16, description="Accelerators of a server.")


class Settings(Model):
    """What a site may choose."""

    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)] = Field(
        default=(Profile(name="small", title="Small"),),
        description="The sizes of servers. The first that a user may have is the one that is "
        "chosen already.",
    )
    gpu_resource: ResourceName = Field(
        default="nvidia.com/gpu", description="The resource by which accelerators are asked for."
    )
    most_servers: int = Field(
        default=2, ge=1, le=10_000, description="Servers that run at once, at most."
    )
    storage_size: Quantity = Field(default="1Gi", description="The volume of each user.")
    users_storage: Quantity = Field(
        default="5Gi", description="The volumes of all users together, at most."
    )
    storage_class: DnsLabel | None = Field(
        default=None,
        description="The StorageClass of the users' volumes. Default: the site's own for "
        "ReadWriteOnce.",
    )
    idle_timeout_s: int = Field(
        default=3600,
        ge=30,
        le=2_592_000,
        description="Seconds without use after which a server is stopped. Its volume stays.",
    )
    start_timeout_s: int = Field(
        default=300, ge=30, le=3600, description="Seconds that a server may take to start."
    )

    @field_validator("profiles")
    @classmethod
    def _once(cls, profiles: tuple[Profile, ...]) -> tuple[Profile, ...]:
        names = [each.name for each in profiles]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"there are two profiles called {twice[0]}")
        return profiles
