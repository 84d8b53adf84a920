"""The values of the charts of HTCondor's manager and workers that the laboratory sets."""

from __future__ import annotations

from pydantic import Field

from components.values import Known, PascalValues


class ManagerValues(PascalValues):
    """All of the manager's: its chart has no more than a name."""

    instance: str


class Logger(PascalValues):
    """A web server with the workers' logs: it makes a password up, and writes it into its own."""

    enabled: bool = False


class CondorConfig(PascalValues):
    """How many workers of which size, and which pool they join, by a password or by a token.

    The memory is in MiB.
    """

    instances: int
    collector_host: Known
    collector_port: int
    password_file_secret: str | None
    auth_token_secret: str | None
    memory_limit: int
    number_cpus: int = Field(alias="NumberCPUs")


class WorkerValues(PascalValues):
    """All of the workers'. The file is HTCondor's own, in its language."""

    instance: str
    http_logger: Logger = Field(default=Logger(), alias="HTTPLogger")
    condor_config: CondorConfig
    condor_config_file: Known
