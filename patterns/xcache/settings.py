"""XCache's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import AbsolutePath, DnsName, HostPort, Model, Word


class Report(Model):
    """What ATLAS' monitoring of caches is told."""

    site: Word = Field(description="The site's name, as ATLAS knows it.", examples=["MWT2"])
    address: DnsName = Field(
        description="The host name or the IPv4 address at which jobs outside reach the cache.",
        examples=["xcache.example.edu"],
    )


class Settings(Model):
    """What a site may choose."""

    directories: tuple[AbsolutePath, ...] = Field(
        default=("/scratch/xcache/data",),
        min_length=1,
        description="The folders of the node that the cache fills, one a disk, with nothing else "
        "on it.",
    )
    meta_directory: AbsolutePath = Field(
        default="/scratch/xcache/meta",
        description="The folder of the node with what the cache knows of its files.",
    )
    ram_gb: int = Field(
        default=4,
        ge=1,
        le=1000,
        description="Memory for blocks on their way, in GB; the pod gets 2 GB more.",
    )
    port: HostPort = Field(default=1094, description="The TCP port of the node where it answers.")
    probe: str = Field(
        default="root://eospublic.cern.ch:1094//eos/opendata/cms/derived-data"
        "/AOD2NanoAODOutreachTool/Run2012BC_DoubleMuParked_Muons.root",
        pattern=r"^root://[a-z0-9.-]{1,253}(:[0-9]{1,5})?//[^\s?#]{1,500}$",
        description="The file whose beginning is read through it to see whether it works.",
    )
    report: Report | None = Field(
        default=None,
        description="What the cache reports to ATLAS' monitoring as. Null: it reports to nobody.",
    )
