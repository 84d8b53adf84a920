"""A cluster that a site's laboratory makes in a cloud, and nothing on it: by the real engine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sslab.engine.environment import prepare
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.site.loading import load_site
from sslab.toolchain import found, sites
from sslab.toolchain.build import Toolchain
from tests.clusters import ROOT

PROGRAM = """
from pathlib import Path
import pulumi
from components.clusters.making import MakingArgs, make_cluster
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import secret_keys
from sslab.site.loading import load_site

config = pulumi.Config()
site = load_site(Path(f"sites/{pulumi.get_stack()}.yaml").absolute())
keys = [key for key in secret_keys(site, load_contracts(Path.cwd())) if config.get(key)]
secrets = {key: config.require_secret(key) for key in keys}
made = make_cluster(
    MakingArgs(site=site, secrets=secrets, kubeconfig=config.get_secret("kubeconfig")),
    pulumi.ResourceOptions(),
)
for name, value in made.by_name().items():
    pulumi.export(name, value)
"""


@dataclass
class Alone:
    """A copy of the clone whose program makes the cluster alone, and its stack."""

    clone: Path
    name: str
    stack: Stack
    environment: Mapping[str, str]

    def change(self, old: str, new: str) -> None:
        """Replace a text in the site file."""
        file = self.clone / "sites" / f"{self.name}.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    @contextmanager
    def changed(self, old: str, new: str) -> Iterator[None]:
        """Replace a text in the site file while the block runs."""
        self.change(old, new)
        try:
            yield
        finally:
            self.change(new, old)

    def pulumi(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run Pulumi on the stack."""
        return subprocess.run(
            ["pulumi", *words, "--stack", self.name, "--non-interactive"],
            cwd=self.clone,
            env=self.environment,
            input=stdin or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def up(self) -> None:
        """Deploy as `sslab up` does."""
        self.stack.up(refresh=False, interactive=False)

    def refused(self) -> str:
        """Deploy, and return the message of the failure."""
        with pytest.raises(EngineError) as refusal:
            self.up()
        return str(refusal.value)


def alone(
    clone: Path, name: str, prepared: Callable[[Mapping[str, str]], object] = lambda _: None
) -> Alone:
    """Make the stack of a site whose file is ready; nothing is deployed yet.

    `prepared` gets the environment, before anything runs in it.
    """
    (clone / "__main__.py").write_text(PROGRAM)
    site = load_site(clone / "sites" / f"{name}.yaml")
    toolchain = Toolchain(ROOT / "toolchain", cache_dir())
    wanted = [*found.engine(toolchain)[1], *toolchain.missing(sites.plugins(site))]
    toolchain.ensure(wanted, Progress())
    environment = prepare(site, toolchain)
    prepared(environment)
    stack = Stack(clone, site, environment)
    stack.ensure()
    return Alone(clone, name, stack, environment)
