"""Ending what a killed engine has left."""

import shutil
import subprocess
import time
from pathlib import Path

from sslab.engine import orphans


def program(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "provider"
    made.write_text("#!/bin/sh\nsleep 60 & wait\n")
    made.chmod(0o755)
    return made


def test_what_no_engine_owns_is_ended_and_nothing_else(tmp_path: Path) -> None:
    ours, elsewhere = program(tmp_path / "ours"), program(tmp_path / "elsewhere")
    engine = tmp_path / "pulumi"
    shutil.copy2("/bin/bash", engine)
    owned = subprocess.Popen([engine, "-c", f"{ours} & wait"])
    left, other = subprocess.Popen([ours]), subprocess.Popen([elsewhere])
    try:
        time.sleep(0.3)
        assert orphans.end([tmp_path / "ours"]) == 1
        assert left.wait(timeout=5) != 0
        assert owned.poll() is None
        assert other.poll() is None
        assert orphans.end([tmp_path / "ours"]) == 0
    finally:
        for each in (owned, left, other):
            each.kill()
            each.wait()
        orphans.end([tmp_path])
