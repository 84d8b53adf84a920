"""The plugin's program, as `installing.install` lets the engine start it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.gcp_provider.cloud import Cloud
from tests.gcp_provider.server import serve

serve(Cloud(Path(sys.argv[1])), sys.argv[2])
