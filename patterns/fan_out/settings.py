"""The fan-out's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import DnsLabel, Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20191105, ge=0, le=2**63 - 1, description="Seed of the generated inputs."
    )
    files: int = Field(default=16, ge=1, le=10_000, description="Inputs, each of them one task.")
    events_per_file: int = Field(
        default=50_000, ge=1000, le=1_000_000, description="Events in each; 60 bytes an event."
    )
    tasks_at_once: int = Field(default=2, ge=1, le=10_000, description="Tasks that run at a time.")
    bandwidth_mb_s: float = Field(
        default=2.0, ge=0.1, le=10_000, description="What one task may read, in MB (10^6) a second."
    )
    queue: DnsLabel | None = Field(
        default=None,
        description="The group, of `scheduling.groups`, in whose quota the tasks run; they wait "
        "where it is used up.",
    )
    cpu: Quantity = Field(default="250m", description="CPU that a task requests.")
    cpu_limit: Quantity = Field(default="1", description="CPU that a task may use.")
    memory: Quantity = Field(
        default="320Mi", description="Memory of a task: 192Mi, and three times its input."
    )
    deadline_s: int = Field(
        default=900, ge=60, le=86_400, description="Seconds after which a stage is given up."
    )
