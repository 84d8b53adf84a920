"""What JupyterHub reads: `jupyterhub --config` names this file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from notebooks.configuration import configure

configure(
    get_config(),  # type: ignore[name-defined]  # noqa: F821
    json.loads(Path(os.environ["SETTINGS"]).read_text()),
    os.environ,
)
