"""The jobs of the batch analysis in a site file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from sslab.catalogue import jobs
from sslab.catalogue.images import load_images, unknown_image
from sslab.site.spelling import closest
from sslab.site.types import Digest, DnsLabel, DnsName, Model, OneLine, Quantity

ROOT = Path(__file__).resolve().parents[2]
LARGEST_SCRIPT = 500_000


class Number(Model):
    """A number that a job has to find."""

    value: float = Field(description="What it has to be.")
    tolerance: float = Field(ge=0, description="How far from it the job's may be.")


class BatchJob(Model):
    """One Job: what it runs, in which image, with which data and resources."""

    image: DnsLabel = Field(
        default="python",
        description="The image, by its name in the image catalogue.",
    )
    digest: Digest | None = Field(
        default=None,
        description="The image's digest, where the catalogue has none.",
        examples=["sha256:" + 64 * "0"],
    )
    command: str | None = Field(
        default=None,
        min_length=1,
        max_length=100_000,
        description="What the image's shell runs.",
        examples=["root -b -q /scripts/fit.C"],
    )
    script: OneLine | None = Field(
        default=None,
        description="A file of this repository, in /scripts/. Python runs it where there is no "
        "`command` and its name ends in .py, else the shell.",
        examples=["patterns/batch_analysis/examples/michel.py"],
    )
    group: DnsLabel | None = Field(default=None, description="Whose job it is: a label.")
    queue: DnsLabel | None = Field(
        default=None, description="The group, of `scheduling.groups`, in whose quota it runs."
    )
    inputs: tuple[OneLine, ...] = Field(
        default=(),
        description="Objects of the bucket batch-analysis that are copied to /data: keys, or "
        "prefixes that end in /.",
        examples=[["data/run2/"]],
    )
    claim: DnsLabel | None = Field(
        default=None,
        description="A PersistentVolumeClaim in the namespace, mounted at /claim to read only.",
    )
    cvmfs: tuple[DnsName, ...] = Field(
        default=(),
        description="CVMFS repositories that it reads, below /cvmfs.",
        examples=[["oasis.opensciencegrid.org"]],
    )
    cpu: Quantity = Field(default=jobs.CPU, description="CPU that it requests.")
    cpu_limit: Quantity = Field(default="2", description="CPU that it may use.")
    memory: Quantity = Field(default=jobs.MEMORY, description="Its memory.")
    disk: Quantity = Field(
        default="1Gi", description="The most that its data and results take together."
    )
    gpu: int = Field(default=0, ge=0, le=16, description="Accelerators (nvidia.com/gpu).")
    retries: int = Field(default=2, ge=0, le=10, description="So often it is tried again.")
    deadline_s: int = Field(
        default=3600, ge=60, le=604_800, description="Seconds after which it is given up."
    )
    expects: Mapping[OneLine, Number] = Field(
        default={},
        description="Numbers that its /results/numbers.json has to have, by name: the smoke test "
        "compares them.",
        examples=[{"mean energy": {"value": 0.7, "tolerance": 0.001}}],
    )

    @field_validator("image")
    @classmethod
    def _is_in_the_catalogue(cls, name: str) -> str:
        known = load_images(ROOT)
        if name not in known:
            raise ValueError(unknown_image(name, known))
        return name

    @field_validator("script")
    @classmethod
    def _is_a_file(cls, name: str | None) -> str | None:
        if name is None:
            return None
        path = (ROOT / name).resolve()
        if not path.is_relative_to(ROOT) or not path.is_file():
            folder = path.parent if path.is_relative_to(ROOT) else ROOT
            files = [each.name for each in folder.glob("*") if each.is_file()]
            near = closest(path.name, files)
            meant = f'did you mean "{(folder / near).relative_to(ROOT)}"?' if near else None
            raise ValueError(f"there is no such file; {meant or 'write its path from here on'}")
        try:
            size = len(path.read_text(encoding="utf-8"))
        except ValueError:
            raise ValueError("is no text; a script has to be one") from None
        if size > LARGEST_SCRIPT:
            raise ValueError(f"is larger than {LARGEST_SCRIPT} characters; put it into CVMFS")
        return name

    @model_validator(mode="after")
    def _can_run(self) -> Self:
        if self.command is None and self.script is None:
            raise ValueError('runs nothing; add "command: ..." or "script: ..."')
        why_not = load_images(ROOT)[self.image].why_not(self.digest)
        if why_not is not None:
            raise ValueError(why_not)
        return self


EXAMPLE = BatchJob(
    script="patterns/batch_analysis/examples/michel.py",
    # The mean of 2 x^2 (3 - 2 x) is 7/10, its variance 13/300: 4.5 standard errors of a million
    expects={"mean energy": Number(value=0.7, tolerance=0.00094)},
)


class Settings(Model):
    """What a site may choose."""

    jobs: Mapping[DnsLabel, BatchJob] = Field(
        default={"example": EXAMPLE},
        min_length=1,
        description="The jobs by name. Default: one example.",
        examples=[{"fit": {"image": "python", "command": "python -c 'print(1)'"}}],
    )
