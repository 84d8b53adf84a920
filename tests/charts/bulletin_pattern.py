"""A small repository with a pattern of the chart `bulletin`, which lies in its mirror."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.charts import MIRROR

ROOT = Path(__file__).parents[2]
COPIED = ("components", "images", "policies", "sslab", "toolchain")
CONTRACT = """\
name: bulletin
title: Bulletin
summary: Shows a notice.
licence: Apache-2.0
charts: [{name: bulletin, version: 1.2.3, address: "https://charts.example.org"}]
passwords: [reader]
needs:
  cpu: 100m
  memory: 128Mi
  storage: [{access_mode: ReadWriteOnce, size: 1Gi}]
powers: {cluster_scoped: [ClusterRole, CustomResourceDefinition, Notice]}
"""
SETTINGS = """\
from pydantic import Field

from sslab.site.types import Model


class Settings(Model):
    notice: str = Field(default="open on Monday", description="What it shows.")
    watcher: bool = Field(default=False, description="Whether it sees the nodes.")
"""
COMPONENT = """\
import pulumi

from components.values import Known, Resources, Values, resources
from sslab.site.types import Model


class Storage(Values):
    class_name: str | None


class Watcher(Values):
    enabled: bool


class BulletinValues(Values):
    notice: str
    password: Known
    resources: Resources
    storage: Storage
    watcher: Watcher


class Bulletin(pulumi.ComponentResource):
    def __init__(self, name, settings, place, opts):
        super().__init__("ssl:patterns:Bulletin", name, None, opts)
        values = BulletinValues(
            notice=settings.notice,
            password=place.passwords["reader"],
            resources=resources(place.house, "100m", "128Mi"),
            storage=Storage(class_name=place.storage.rwo_class),
            watcher=Watcher(enabled=settings.watcher),
        )
        place.chart(name, values, self)


def component(settings):
    return lambda name, place, opts: Bulletin(name, settings, place, opts)
"""
SITE = """\
name: campus
title: Campus
status: active
cluster: {{kind: existing, context: campus}}
privilege: {{scope: cluster, crds: true}}
quota: {{cpu: "4", memory: 8Gi, pods: 50}}
storage: {{capacity: 20Gi, rwo_class: fast}}
ingress: {{kind: none}}
load_balancing: {{kind: none}}
registry: {{mirror: mirror.example.edu, pull_secret: pull}}
charts: {{mirror: {mirror}}}
patterns:
  bulletin: {{notice: {notice}, watcher: {watcher}}}
"""


def repository(folder: Path) -> Path:
    """Write the repository, under git, with one commit."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copyfile(ROOT / name, folder / name)
    pattern = folder / "patterns" / "bulletin"
    pattern.mkdir(parents=True)
    shutil.copyfile(ROOT / "patterns/__init__.py", folder / "patterns/__init__.py")
    for file, text in (
        ("pattern.yaml", CONTRACT), ("settings.py", SETTINGS), ("component.py", COMPONENT),
    ):  # fmt: skip
        (pattern / file).write_text(text, encoding="utf-8")
    shutil.copytree(MIRROR / "bulletin", folder / "charts" / "bulletin")
    site(folder)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def site(
    folder: Path, *, notice: str = "closed", watcher: str = "false", mirror: str = "./charts"
) -> None:
    """Write the site's file."""
    path = folder / "sites" / "campus.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SITE.format(notice=notice, watcher=watcher, mirror=mirror), encoding="utf-8")


def commit(folder: Path) -> None:
    """Commit all that is there."""
    git(folder, "add", "--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    git(folder, *who, "commit", "--quiet", "--message", "Change")


def git(folder: Path, *words: str) -> None:
    """Run git, away from the user's own settings."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)
