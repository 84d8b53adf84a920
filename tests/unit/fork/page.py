"""docs/fork.md, followed word for word: each command of its console blocks, in order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sslab.site.adding import Wishes, add_kind
from tests.unit.fork.conftest import IDENTITY, ROOT, git

CAMPUS, UPSTREAM = "https://github.com/mycampus/ssl", "https://github.com/example/ssl"
LEFT_OUT = ("-z", "--cached", "--others", "--exclude-standard")


def sections() -> dict[str, list[str]]:
    """Return the commands of the page by the headings that they stand under."""
    text = (ROOT / "docs/fork.md").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n## ")[1:]:
        blocks = re.findall(r"```console\n(.*?)```", part, re.DOTALL)
        lines = [line[2:] for block in blocks for line in block.splitlines() if line[:2] == "$ "]
        if lines:
            found[part.partition("\n")[0]] = lines
    return found


@dataclass
class Reader:
    """Somebody who follows the page, with two bare repositories in place of GitHub."""

    folder: Path

    @property
    def clone(self) -> Path:
        """The reader's clone of the fork."""
        return self.folder / "ssl"

    @property
    def upstream(self) -> Path:
        """The repository that was forked."""
        return self.folder / "upstream.git"

    def publish(self) -> None:
        """Publish this repository's files as the upstream, and fork it."""
        source = self.folder / "source"
        for name in git(ROOT, "ls-files", *LEFT_OUT).split("\0"):
            if name and (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_bytes((ROOT / name).read_bytes())
                (source / name).chmod((ROOT / name).stat().st_mode)
        git(source, "init", "--quiet", "--initial-branch=main")
        git(source, "add", "--all")
        git(source, "commit", "--quiet", "-m", "Begin")
        for bare in (self.upstream, self.folder / "campus.git"):
            git(self.folder, "clone", "--quiet", "--bare", str(source), str(bare))

    def follow(self, command: str, *, more: str = "", timeout_s: float = 600) -> str:
        """Run a command of the page, answer yes, and return what it printed."""
        words = command.split()
        inside = self.clone.exists() and words[0] != "cd"
        if words[0] == "cd":
            assert (self.folder / words[1]).is_dir()
            return ""
        done = subprocess.run(
            ["bash", "-c", command + more], cwd=self.clone if inside else self.folder,
            env=self.environment(), input="y\n", capture_output=True, text=True, check=False,
            timeout=timeout_s,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{(done.stdout + done.stderr)[-3000:]}"
        if words[:2] == ["git", "clone"]:
            self._prepare_environment()
        return done.stdout

    def describe(self, port: int) -> None:
        """Edit the site's file as the reader does; the cluster is this machine's embedded one."""
        path = self.clone / "sites/mycampus.yaml"
        path.unlink()
        add_kind(self.clone, "mycampus", "local", Wishes(title="My campus"))
        text = re.sub(r"(?m)^  port: \d+", f"  port: {port}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return an environment in which the page's addresses lead to the bare repositories."""
        leads = {CAMPUS: self.folder / "campus.git", UPSTREAM: self.upstream}
        settings = {"GIT_CONFIG_COUNT": str(len(leads))}
        for index, (address, bare) in enumerate(leads.items()):
            settings[f"GIT_CONFIG_KEY_{index}"] = f"url.{bare}.insteadOf"
            settings[f"GIT_CONFIG_VALUE_{index}"] = address
        return {
            **os.environ, **IDENTITY, **settings,
            "XDG_STATE_HOME": str(self.folder / "state"), "COLUMNS": "200",
        }  # fmt: skip

    def _prepare_environment(self) -> None:
        """Give the clone the environment of the tests, so that make has nothing to install."""
        own = self.clone / ".venv"
        own.mkdir()
        for path in Path(sys.prefix).iterdir():
            if path.name != "installed":
                (own / path.name).symlink_to(path)
        far = 4_000_000_000  # newer than any change of the lock
        (own / "installed").touch()
        os.utime(own / "installed", (far, far))
