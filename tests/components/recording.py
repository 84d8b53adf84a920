from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

import patterns
from components.building.site import LaboratoryArgs
from components.laboratory import Laboratory
from components.place import PatternComponent
from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import required_secrets
from sslab.cluster.access import ClusterAccess
from sslab.engine import recording
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.toolchain.sites import chart_folders, published

ROOT = Path(__file__).resolve().parents[2]
IMAGES = tuple(path.parent.name for path in ROOT.glob("images/*/Containerfile"))


@dataclass
class Recorded:
    """One resource as the engine gets it; `secrets` are the paths of what it keeps encrypted."""

    token: str
    name: str
    urn: str
    props: dict[str, Any]
    secrets: set[str] = field(default_factory=set)
    depends_on: set[str] = field(default_factory=set)
    provider: str = ""
    protected: bool = False

    @property
    def kind(self) -> str:
        return self.token.rpartition(":")[2]

    @property
    def namespace(self) -> str | None:
        return self.metadata.get("namespace")

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self.props.get("metadata", {})
        return found

    @property
    def spec(self) -> dict[str, Any]:
        found: dict[str, Any] = self.props["spec"]
        return found

    @property
    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = self.spec["template"]
        return found

    @property
    def pod(self) -> dict[str, Any]:
        found: dict[str, Any] = self.template["spec"]
        return found

    def container(self, name: str) -> dict[str, Any]:
        return next(each for each in self.pod["containers"] if each["name"] == name)

    def plain(self, path: str) -> bool:
        """Tell whether nothing at or around a path is kept encrypted."""
        steps = path.split(".")
        return not any(".".join(steps[: end + 1]) in self.secrets for end in range(len(steps)))


class Recording(list[Recorded]):
    def objects(self) -> list[Recorded]:
        """Return what becomes an object in the cluster."""
        return [each for each in self if each.token.startswith("kubernetes:")]

    def of(self, kind: str) -> list[Recorded]:
        return [each for each in self.objects() if each.kind == kind]

    def token(self, token: str) -> Recorded:
        (found,) = [each for each in self if each.token == token]
        return found

    def one(self, kind: str, name: str, namespace: str | None = None) -> Recorded:
        """Return the only object of a kind whose own or Pulumi's name it is."""
        found = [
            each
            for each in self.of(kind)
            if name in (each.name, each.metadata.get("name"))
            and namespace in (None, each.namespace)
        ]
        assert len(found) == 1, [each.urn for each in found] or [each.urn for each in self]
        return found[0]

    def pods(self) -> list[Recorded]:
        return [each for each in self if "template" in each.props.get("spec", {})]


def record(program: Callable[[], object], stack: str = "local") -> Recording:
    """Run a program to its end without an engine, and return every resource it asked for."""
    return Recording(
        Recorded(
            token=each["token"],
            name=each["name"],
            urn=each["urn"],
            props=each["inputs"],
            secrets=set(each["secrets"]),
            depends_on=set(each["depends_on"]),
            provider=each["provider"],
            protected=bool(each["options"].get("protect")),
        )
        for each in recording.record(program, stack, reveal=True)
    )


def site(name: str = "local", **changes: Any) -> Site:
    """Return a site of the repository, whole fields of it replaced: `quota={...}`."""
    return Site.model_validate({**_facts(name), **changes})


@cache  # hundreds of recordings start from the same few files
def _facts(name: str) -> Mapping[str, Any]:
    return load_site(ROOT / "sites" / f"{name}.yaml", ROOT).model_dump()


def _contracts() -> Mapping[str, Contract]:
    return _loaded(load_contracts)


@cache  # by the function, in whose place a test may put its own
def _loaded(load: Callable[[Path], Mapping[str, Contract]]) -> Mapping[str, Contract]:
    return load(ROOT)


def secret_values(of: Site, **changes: str) -> dict[str, str]:
    values = {spec.key: f"value-of-{spec.key}" for spec in required_secrets(of, _contracts())}
    return values | {key.replace("_", "-"): value for key, value in changes.items()}


def record_laboratory(
    of: Site | None = None,
    secrets: Mapping[str, str] | None = None,
    images: Mapping[str, str] | None = None,
    components: Mapping[str, PatternComponent] | None = None,
    contracts: Mapping[str, Contract] | None = None,
) -> Recording:
    """Record the laboratory of a site, by default that of this machine.

    `components` take the places of those of the patterns that they are called like.
    """
    the_site = of or site()
    known = contracts or _contracts()
    required = required_secrets(the_site, known)
    values = secrets or {spec.key: f"value-of-{spec.key}" for spec in required}

    def program() -> None:
        Laboratory(
            "laboratory",
            LaboratoryArgs(
                site=the_site,
                access=ClusterAccess(Path("/somewhere/kubeconfig"), "some-context"),
                images={name: image(name) for name in IMAGES} | dict(images or {}),
                charts=chart_folders(the_site, ROOT),
                secrets={key: pulumi.Output.secret(value) for key, value in values.items()},
                patterns={**patterns.of_site(the_site), **(components or {})},
                contracts=known,
                published=published(the_site, known, ROOT),
            ),
        )

    return record(program)


def image(name: str, content: str = "0123456789abcdef") -> str:
    return f"ssl.local/{name}:{content}"
