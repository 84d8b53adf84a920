"""The image catalogue, `patterns/batch_analysis/catalogue.yaml`: what analyses run in, by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from sslab.site.diagnostics import ContractError, Diagnostic
from sslab.site.document import Document, FieldPath
from sslab.site.explanations import explain
from sslab.site.reading import read_document
from sslab.site.spelling import closest
from sslab.site.types import Digest, DnsLabel, Model, OneLine

FILE = "patterns/batch_analysis/catalogue.yaml"


class CatalogueImage(Model):
    """One image: built here, published elsewhere, or not to be had yet."""

    name: DnsLabel = Field(description="What a site file calls it.")
    title: OneLine = Field(description="What people call it.")
    summary: OneLine = Field(description="What is in it.")
    build: DnsLabel | None = Field(
        default=None, description="The folder of images/ that it is built from."
    )
    image: OneLine | None = Field(
        default=None, description="Registry and repository where it is published."
    )
    tag: OneLine | None = Field(default=None, description="The version there.")
    digest: Digest | None = Field(
        default=None, description="What that version is. Null: not known."
    )
    upstream: OneLine = Field(description="Where the software is kept.")
    licence: OneLine = Field(description="Its licence.")
    shell: tuple[OneLine, ...] = Field(
        min_length=1, description="The command that runs a script, which is its last argument."
    )
    cvmfs: tuple[str, ...] = Field(default=(), description="CVMFS repositories that it needs.")
    gpu: int = Field(default=0, ge=0, description="Accelerators that it needs.")
    note: OneLine | None = Field(default=None, description="What else has to be known.")

    @model_validator(mode="after")
    def _one_origin(self) -> CatalogueImage:
        if self.build is not None and self.image is not None:
            raise ValueError("has both build and image; delete one of the two")
        if (self.image is None) != (self.tag is None):
            raise ValueError("image and tag belong together; give both or neither")
        return self

    @property
    def state(self) -> str:
        """Whether a job can run it as it is: `built here`, `pinned`, `unpinned`, `planned`."""
        if self.build is not None:
            return "built here"
        if self.image is None:
            return "planned"
        return "pinned" if self.digest else "unpinned"

    def why_not(self, digest: str | None) -> str | None:
        """Return why a job that gives this digest, or none, cannot run it; None: it can."""
        if self.state == "planned":
            return f"the image {self.name} is published nowhere; {self.note}"
        if self.state == "unpinned" and digest is None:
            return (
                f"the image {self.name} has no digest in {FILE}; add digest: sha256:... as "
                f'"skopeo inspect docker://{self.image}:{self.tag}" prints it'
            )
        if self.build is not None and digest is not None:
            return f"the image {self.name} is built here and pinned by its content; delete digest"
        return None

    def reference(self, digest: str | None) -> str:
        """Return the image as a pod names it. Raises ValueError where it is not pinned."""
        pinned = digest or self.digest
        if self.image is None or pinned is None:
            raise ValueError(f"{self.name} is not pinned")
        return f"{self.image}:{self.tag}@{pinned}"


class Catalogue(Model):
    """The file."""

    images: tuple[CatalogueImage, ...] = Field(min_length=1, description="The images.")


@cache
def load_images(repository: Path) -> dict[str, CatalogueImage]:
    """Return the images by name, in the file's order.

    Raises ContractError with all that is wrong in the file.
    """
    document, problems = read_document(repository / FILE, FILE)
    if document.data is None:
        raise ContractError(problems)
    try:
        found = Catalogue.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        wrong = explain(document, error, Catalogue, root="the image catalogue")
        raise ContractError((*problems, *wrong)) from error
    problems += tuple(_wrong(repository, document, found))
    if problems:
        raise ContractError(problems)
    return {each.name: each for each in found.images}


def unknown_image(name: str, known: dict[str, CatalogueImage]) -> str:
    """Return what is wrong with a name that no image has, and which is meant."""
    near = closest(name, known)
    remedy = f'did you mean "{near}"?' if near else f"the images are {', '.join(known)}"
    return f'"{name}" is no image of {FILE}; {remedy}'


def _wrong(repository: Path, document: Document, found: Catalogue) -> Iterator[Diagnostic]:
    """Yield what is wrong between the entries, and with the folders that they name."""
    names: set[str] = set()
    folders = {here.parent.name for here in repository.glob("images/*/Containerfile")}
    for index, each in enumerate(found.images):
        path: FieldPath = ("images", index)
        if each.name in names:
            yield document.at_value(
                (*path, "name"), f'"{each.name}" is here a second time', "delete one of the two"
            )
        names.add(each.name)
        # a copy of the patterns alone has no folders of images
        if each.build is not None and folders and each.build not in folders:
            near = closest(each.build, folders)
            yield document.at_value(
                (*path, "build"),
                f"there is no images/{each.build}/Containerfile",
                f'did you mean "{near}"?' if near else f"write one of {', '.join(sorted(folders))}",
            )
        if each.state == "planned" and each.note is None:
            yield document.at_key(
                path, "has neither build nor image", "add one, or a note that says why"
            )
