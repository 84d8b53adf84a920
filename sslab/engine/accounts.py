"""What a cloud asks of whoever makes a cluster there: looked at before anything is made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sslab.cluster.access import require_known
from sslab.engine.errors import EngineError
from sslab.site.cluster import GkeCluster, OpenStackCluster
from sslab.site.model import Site

GOOGLE_VARIABLES = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
)


def require_account(site: Site, environment: Mapping[str, str] = os.environ) -> None:
    """Raise SslabError where the account of the site's cloud is not at hand.

    Nothing is contacted: whether the cloud takes the credentials, the deployment finds out.
    """
    require_known(site)
    match site.cluster:
        case GkeCluster():
            _require_google(environment)
        case OpenStackCluster(cloud=cloud):
            _require_openstack(site, cloud, environment)


def require_plugin(site: Site, environment: Mapping[str, str]) -> None:
    """Raise EngineError where Pulumi's provider for the site's cloud is not installed.

    That for OpenStack is built with the other tools; Google's is published as a binary only.
    """
    if not isinstance(site.cluster, GkeCluster):
        return
    wanted = version("pulumi-gcp")
    home = Path(environment.get("PULUMI_HOME", "~/.pulumi")).expanduser()
    if not (home / "plugins" / f"resource-gcp-v{wanted}").is_dir():
        raise EngineError(
            "Pulumi's provider for Google Cloud is not installed",
            remedy=f'run `eval "$(sslab env {site.name})"` and '
            f"`pulumi plugin install resource gcp {wanted}`",
        )


def _require_google(environment: Mapping[str, str]) -> None:
    folder = Path(environment.get("CLOUDSDK_CONFIG", "~/.config/gcloud")).expanduser()
    given = any(environment.get(name) for name in GOOGLE_VARIABLES)
    if not given and not (folder / "application_default_credentials.json").exists():
        raise EngineError(
            "no credentials for Google Cloud are at hand",
            remedy="run `gcloud auth application-default login`, or name a service account's file "
            "in GOOGLE_APPLICATION_CREDENTIALS",
        )


def _require_openstack(site: Site, cloud: str, environment: Mapping[str, str]) -> None:
    wanted = f"sites/{site.name}.yaml names the entry {cloud} of clouds.yaml (cluster.cloud)"
    file = next((path for path in _clouds_files(environment) if path.is_file()), None)
    if file is None:
        raise EngineError(
            f"{wanted}, and there is no such file",
            remedy="download it from the cloud's dashboard (API access) to "
            "~/.config/openstack/clouds.yaml, or name it in OS_CLIENT_CONFIG_FILE",
        )
    try:
        document = YAML(typ="safe").load(file)
    except (OSError, YAMLError) as error:
        raise EngineError(
            f"{wanted}, and {file} cannot be read: {str(error).splitlines()[0]}",
            remedy="download it anew from the cloud's dashboard",
        ) from None
    clouds = document.get("clouds") if isinstance(document, dict) else None
    entries = clouds if isinstance(clouds, dict) else {}
    if cloud not in entries:
        there = ", ".join(map(str, entries)) or "none"
        raise EngineError(
            f"{wanted}, which {file} has not; there are: {there}",
            remedy="call the entry like this, or write the other name into the site file",
        )


def _clouds_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where OpenStack's clients look, in their order."""
    if named := environment.get("OS_CLIENT_CONFIG_FILE"):
        yield Path(named)
        return
    yield Path("clouds.yaml")
    yield Path("~/.config/openstack/clouds.yaml").expanduser()
    yield Path("/etc/openstack/clouds.yaml")
