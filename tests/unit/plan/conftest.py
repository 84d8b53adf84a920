"""A small repository under git, with a program of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

# without pulumi-kubernetes, which takes a second to import
PROGRAM = """\
from pathlib import Path
import pulumi

def make(token, name, inputs, **options):
    opts = pulumi.ResourceOptions(**options)
    return pulumi.CustomResource(token, name, inputs, opts)

name = pulumi.get_stack()
provider = pulumi.ProviderResource("kubernetes", "cluster", {"context": "c"})
if Path("broken").exists():
    raise pulumi.RunError(f"sites/{name}.yaml is too small; make it larger")
make("kubernetes:core/v1:PersistentVolumeClaim", "data",
     {"metadata": {"name": "data", "namespace": name},
      "spec": {"resources": {"requests": {"storage": Path("size").read_text()}}}},
     provider=provider)
make("kubernetes:core/v1:Secret", "keys",
     {"metadata": {"name": "keys", "namespace": name},
      "stringData": pulumi.Output.secret({"key": pulumi.Config().require_secret("key")})},
     provider=provider)
"""
SITE = """\
name: {name}
title: A site
cluster: {{kind: existing, context: {name}}}
quota: {{cpu: "4", memory: 6Gi, pods: 50}}
storage: {{capacity: 20Gi}}
ingress: {{kind: traefik, domain: {name}.example.edu}}
load_balancing: {{kind: node-ports, http: 30080}}
{more}
"""
POLICIES = """\
def judge(repository, site, resources):
    severity = "mandatory" if (repository / "strict").exists() else "advisory"
    return [{"policy": "no-claim", "severity": severity, "resource": each["urn"],
             "message": "a claim", "remedy": "use none", "page": "docs/policies.md",
             "exempted": None}
            for each in resources if each["token"].endswith("Claim")]
"""


class Repository:
    """A folder under git whose files can be written and committed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def remove(self, name: str) -> None:
        (self.root / name).unlink()

    def site(self, name: str, more: str = "") -> None:
        self.write(f"sites/{name}.yaml", SITE.format(name=name, more=more))

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        done = subprocess.run(
            ["git", "-C", str(self.root), *identity, *words],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, tag: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with the site `a` and one commit, `base`."""
    made = Repository(tmp_path / "repository")
    made.root.mkdir()
    made.git("init", "--quiet")
    for name, text in (
        ("__main__.py", PROGRAM),
        ("Pulumi.yaml", "name: ssl\n"),
        ("size", "5Gi"),
        ("policies/__init__.py", ""),
        ("policies/offline.py", POLICIES),
    ):
        made.write(name, text)
    made.site("a")
    made.commit("base")
    return made
