"""The values of XCache's chart that the laboratory sets."""

from __future__ import annotations

from pydantic import Field

from components.values import PascalValues, Values


class Service(PascalValues):
    """Where it answers; the address is only what its reports say."""

    port: int
    external_ip: str | None = Field(alias="ExternalIP")


class SiteConfig(PascalValues):
    """What its reports call the site."""

    name: str | None


class Directory(Values):
    """A folder of the node."""

    path: str


class XCacheConfig(PascalValues):
    """What is cached where. Amounts have XRootD's units: `16g`."""

    cache_directories: tuple[Directory, ...]
    meta_directory: str
    ram_size: str
    cert_secret: str


class XCacheValues(PascalValues):
    """All of it. The nodes that may run it have the label `xcache` with this instance's name."""

    instance: str
    service: Service
    site_config: SiteConfig
    x_cache_config: XCacheConfig = Field(alias="XCacheConfig")
