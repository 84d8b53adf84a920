"""The credentials with which a workflow deploys a site: those of the site's environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from sslab.catalogue.contract import Contract
from sslab.catalogue.secrets import require_secrets
from sslab.errors import SslabError
from sslab.paths import state_dir
from sslab.site.model import Site

VALUES: Final = (
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_ACCESS_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "GOOGLE_CREDENTIALS",
)
"""What is used as it is."""

FILES: Final = {
    "KUBECONFIG": "KUBECONFIG",
    "CLOUDS_YAML": "OS_CLIENT_CONFIG_FILE",
    "REGISTRY_AUTH": "REGISTRY_AUTH_FILE",
}
"""What is a file's content, and the variable that names the file."""


def require_committed(repository: Path, site: Site, contracts: Mapping[str, Contract]) -> None:
    """Raise SslabError unless every credential of the laboratory is in git, encrypted.

    What a workflow would make is gone with its machine, and made anew by the next one.
    """
    file = f"stacks/Pulumi.{site.name}.yaml"
    try:
        document = yaml.safe_load((repository / file).read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        document = {}
    except yaml.YAMLError as error:
        raise SslabError(f"{file} cannot be read: {error}", remedy="take it from git") from None
    present = {key.partition(":")[2] for key in document.get("config") or {}}
    try:
        require_secrets(site, present, contracts)
    except SslabError as error:
        raise SslabError(f"{error}", remedy=f"then commit {file}") from None


def require_memory(repository: Path, given: Mapping[str, str]) -> None:
    """Raise SslabError where what Pulumi remembers of a site would be gone with the machine."""
    if given.get("RUNNER_ENVIRONMENT") != "github-hosted":
        return
    project = yaml.safe_load((repository / "Pulumi.yaml").read_text(encoding="utf-8")) or {}
    backend = given.get("PULUMI_BACKEND_URL") or (project.get("backend") or {}).get("url", "")
    if not backend or backend.startswith("file:"):
        raise SslabError(
            "the state would be kept on this machine, which is gone after the job",
            remedy="name a place for it as `backend.url` in Pulumi.yaml (docs/deploying.md)",
        )


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the variables of a deployment; contents are laid into files of a private folder.

    What is empty is left out: a workflow has the empty text for a secret that is not there.
    """
    found = {name: given[name] for name in VALUES if given.get(name)}
    for name, variable in FILES.items():
        content = given.get(name)
        if not content:
            continue
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name.lower()
        path.touch(mode=0o600)
        path.write_text(f"{content.rstrip()}\n", encoding="utf-8")
        found[variable] = str(path)
    return found


def private_folder(site: str) -> Path:
    """Return the folder for a site's contents, at the same place on each machine of a kind.

    Pulumi keeps the kubeconfig's path, and looks there for whether it leads to the same cluster.
    """
    return state_dir() / "credentials" / site
