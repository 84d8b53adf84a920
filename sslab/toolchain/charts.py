"""Helm charts that Go modules carry; the module's pin and hash are the chart's."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from sslab.toolchain.programs import KUEUE_MODULE, METALLB_MODULE, pinned_version


@dataclass(frozen=True)
class ChartFolder:
    """A chart as Pulumi gets it: its folder, whose name has the digest, and its version."""

    path: Path
    version: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart in the sources of a Go module."""

    name: str
    module: str  # the folder under toolchain/ that pins it
    source: str  # the module path
    folder: str  # where it is in that module

    def version(self, toolchain: Path) -> str:
        """Return the version that the module pins, without its `v`; the chart has the same."""
        return pinned_version(toolchain / self.module / "go.mod", self.source)

    def digest(self, toolchain: Path) -> str:
        """Return the SHA-256 of the module's sources, in hexadecimal digits.

        Go checks it whenever it fetches them, and it is known without fetching them.
        """
        go_sum = toolchain / self.module / "go.sum"
        version = re.escape(self.version(toolchain))
        source = re.escape(self.source)
        match = re.search(rf"^{source} v{version} h1:(\S+)$", go_sum.read_text(), re.MULTILINE)
        if match is None:
            raise ValueError(f"{go_sum} has no hash of {self.source}")
        return base64.b64decode(match.group(1)).hex()


KUEUE_CHART = Chart(name="kueue", module="kueue", source=KUEUE_MODULE, folder="charts/kueue")

METALLB_CHART = Chart(
    name="metallb", module="metallb", source=METALLB_MODULE, folder="charts/metallb"
)
