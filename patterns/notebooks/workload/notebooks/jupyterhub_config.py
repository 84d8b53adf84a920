"""What JupyterHub reads: `jupyterhub --config` names this file."""

from __future__ import annotations

import json
import os
from pathlib import Path

# the folder is mounted at the pod's PYTHONPATH, and JupyterHub runs this file outside the package
from notebooks.configuration import configure  # type: ignore[import-not-found]

configure(
    get_config(),  # type: ignore[name-defined]  # noqa: F821
    json.loads(Path(os.environ["SETTINGS"]).read_text()),
    os.environ,
)
