"""The images of the pods of one site's laboratory: building them, and pushing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import images_of
from sslab.errors import SslabError
from sslab.images import build, content
from sslab.images.push import Registry
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.site.model import Site
from sslab.toolchain import machine, sites
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import Program


class PodImages:
    """The images that a site's pods run, of which some hold programs that are built before."""

    def __init__(
        self,
        repository: Path,
        site: Site,
        contracts: Mapping[str, Contract],
        toolchain: Toolchain,
        progress: Progress,
    ) -> None:
        self._repository = repository
        self._site = site
        self._toolchain = toolchain
        self._progress = progress
        self._held = sites.image_programs(site, contracts)
        self.names = images_of(site, contracts)

    @property
    def programs(self) -> list[Program]:
        """The programs that the images hold."""
        return [each for some in self._held.values() for each in some]

    def built(self, names: Sequence[str], pause: Path | None = None) -> dict[str, Path]:
        """Return the archives of images by name, building what is missing.

        `pause` is the program in the image of that name.
        """
        held = {
            image: {program.name: self._toolchain.path(program) for program in programs}
            for image, programs in self._held.items()
        }
        if pause is not None:
            held["pause"] = {"pause": pause}
        return build.ensure(
            list(names),
            repository=self._repository,
            cache=cache_dir(),
            progress=self._progress,
            extra_files=held,
        )

    def push(self) -> None:
        """Push the images that the site's registry has not got, and build them first.

        Raises SslabError where no registry is known, or it does not take them.
        """
        field = f"sites/{self._site.name}.yaml: registry.images"
        path = self._site.registry.images
        if path is None:
            raise SslabError(
                f"{field}: no registry is known that images could be pushed to",
                remedy="write its host and a path in it there, as in registry.example.edu/ssl",
            )
        machine.ensure(self._progress, machine.PUSHING)
        registry = Registry(path, field)
        wanted = {name: content.reference(self._repository, name, path) for name in self.names}
        lacking = registry.lacking(wanted)
        if lacking:
            machine.ensure(self._progress, machine.BUILDING)
            self._toolchain.ensure(self._toolchain.missing(self.programs), self._progress)
            registry.push(self.built(lacking), self._progress)
        there = len(wanted) - len(lacking)
        self._progress.line(f"  {path}: {len(lacking)} images pushed, {there} were there")
