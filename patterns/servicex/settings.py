"""ServiceX' settings in a site file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sslab.site.types import Model, Quantity

CodeGenerator = Literal["uproot-raw", "uproot", "python", "rdataframe", "atlasr25", "topcp"]
DidFinder = Literal["CERNOpenData", "atlasopenmagic", "xrootd"]


class Settings(Model):
    """What a site may choose."""

    code_generators: tuple[CodeGenerator, ...] = Field(
        default=("uproot-raw", "uproot", "python"),
        min_length=1,
        description="The languages in which an analysis may say what it wants.",
    )
    did_finders: tuple[DidFinder, ...] = Field(
        default=("CERNOpenData", "xrootd"),
        min_length=1,
        description="Where data sets are looked up; those of an experiment need its certificates, "
        "which the laboratory has not.",
    )
    transformers: int = Field(
        default=4, ge=1, le=1000, description="Pods that read one request's files, at most."
    )
    transformer_cpu: Quantity = Field(default="500m", description="CPU that each of them requests.")
    transformer_memory: Quantity = Field(default="512Mi", description="Memory of each of them.")
    results: Quantity = Field(default="100Gi", description="The volume of results.")
