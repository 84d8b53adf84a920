"""The settings of event processing in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import DnsLabel, Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190901, ge=0, le=2**63 - 1, description="Seed of the generated inputs."
    )
    files: int = Field(default=12, ge=1, le=10_000, description="Inputs, each a unit of work.")
    events_per_file: int = Field(
        default=50_000, ge=1000, le=1_000_000, description="Events in each."
    )
    files_per_worker: int = Field(
        default=4, ge=1, le=10_000, description="So many files are worth one worker."
    )
    most_workers: int = Field(default=2, ge=1, le=1000, description="Workers at most.")
    cpu: Quantity = Field(default="250m", description="CPU that a worker or the driver requests.")
    cpu_limit: Quantity = Field(default="1", description="CPU that a worker or the driver may use.")
    memory: Quantity = Field(default="512Mi", description="Memory of a worker or the driver.")
    deadline_s: int = Field(
        default=900, ge=60, le=86_400, description="Seconds after which the run is given up."
    )
    service_account: DnsLabel | None = Field(
        default=None,
        description="An account in the namespace that may get and patch the scale of the workers' "
        "Deployment. Default: one is made, with a Role.",
    )
