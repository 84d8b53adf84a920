"""Where Pulumi keeps the state of a site's stack, and what is wrong with that place.

The one place that says it is `backend.url` in Pulumi.yaml, so that plain Pulumi agrees; the
variable PULUMI_BACKEND_URL overrides it, and with neither it is a directory on this machine. The
stack of an embedded cluster is there in any case: it lives and dies with the machine.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sslab.cluster.access import embedded
from sslab.engine.errors import EngineError
from sslab.paths import state_dir
from sslab.site.model import Site

VARIABLE = "PULUMI_BACKEND_URL"
FIELD = "Pulumi.yaml: backend.url"
KINDS = {
    "file": "file:///absolute/folder",
    "s3": "s3://bucket?region=...",
    "gs": "gs://bucket",
    "azblob": "azblob://container?storage_account=...",
    "https": "https://api.pulumi.com",
}
UNUSABLE = (
    (
        "get credentials|NoCredentialProviders",
        "no S3 credentials are known",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    ),
    (
        "Invalid region|MissingRegion",
        "the region of the bucket is not known",
        "add `region=...` to the address, or set AWS_REGION",
    ),
    (
        "missing google credentials",
        "no Google credentials are known",
        "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
    ),
    (
        "AccountName is required",
        "no Azure storage account is known",
        "set AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY",
    ),
    (
        "PULUMI_ACCESS_TOKEN must be set",
        "no access token is known",
        "set PULUMI_ACCESS_TOKEN",
    ),
    (
        "NoSuchBucket|bucket does not exist|bucket doesn't exist",
        "there is no such bucket",
        "make it first, or mend its name",
    ),
    (
        "AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|Forbidden|StatusCode: 40[13]|"
        "code=PermissionDenied|Unauthorized|invalid access token",
        "it refuses the credentials",
        "give an account that may read and write there",
    ),
    (
        "connection refused|no such host|i/o timeout|deadline exceeded|no route to host|"
        "network is unreachable|request send failed|performing HTTP request",
        "it does not answer",
        "check the address and the way there; it changes nothing to try again",
    ),
)
"""What Pulumi says of a place that it cannot use, what it means, and the remedy."""
ABOUT_A_PLACE = (
    r"\.pulumi/|unable to open|missing google credentials|access token|PULUMI_ACCESS_TOKEN|"
    "performing HTTP request|api/user|api/stacks"
)
"""What is said of a cluster that does not answer is about something else."""


@dataclass(frozen=True)
class Place:
    """Where a state is kept: its address for Pulumi, and who says so."""

    url: str
    origin: str


def has_locks(url: str) -> bool:
    """Tell whether locks lie beside a state, and can be looked at: not in Pulumi's service."""
    return not url.startswith("https:")


def own() -> str:
    """Return the address of the directory on this machine."""
    return f"file://{state_dir() / 'stacks'}"


def place(site: Site, repository: Path) -> Place:
    """Return where a site's state is kept.

    Raises EngineError where what was set cannot be an address; nothing is contacted.
    """
    if embedded(site):
        return Place(own(), "an embedded cluster's is always on this machine")
    given = os.environ.get(VARIABLE, "")
    if given and given != own():  # our own is there where `sslab env` of an embedded site was
        return Place(_checked(given, VARIABLE, Path.cwd()), VARIABLE)
    configured = _configured(repository / "Pulumi.yaml")
    if configured is not None:
        return Place(_checked(configured, FIELD, repository), FIELD)
    return Place(own(), f"neither {VARIABLE} nor {FIELD} is set")


def folder(url: str) -> Path | None:
    """Return the folder that an address names, None where it is elsewhere."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def forget(project: str, name: str) -> None:
    """Delete a stack from the directory on this machine: state, history, backups and locks."""
    kept = state_dir() / "stacks" / ".pulumi"
    for file in (kept / "stacks" / project).glob(f"{name}.*"):
        file.unlink()
    for kind in (f"history/{project}", f"backups/{project}", f"locks/organization/{project}"):
        shutil.rmtree(kept / kind / name, ignore_errors=True)


def unusable(said: str, url: str) -> EngineError | None:
    """Return what Pulumi's complaint about a place means, None where it is about something else."""
    if not re.search(ABOUT_A_PLACE, said):
        return None
    for pattern, meaning, remedy in UNUSABLE:
        if re.search(pattern, said):
            return EngineError(
                f"the state cannot be read at {url}: {meaning}",
                remedy=f"{remedy} ({FIELD} or {VARIABLE} says where it is)",
            )
    return None


def _configured(file: Path) -> object:
    """Return what the project says, None where it says nothing."""
    try:
        document = YAML(typ="safe").load(file)
    except (OSError, YAMLError) as error:
        raise EngineError(f"{file} cannot be read: {error}", remedy="mend it") from None
    backend = (document or {}).get("backend")
    return backend.get("url") if isinstance(backend, dict) else backend


def _checked(given: object, origin: str, base: Path) -> str:
    """Return the address, of a folder as an absolute one; relative is to `base`."""
    known = ", ".join(KINDS.values())
    text = str(given)
    parts = urlsplit(text)
    if not isinstance(given, str) or parts.scheme not in KINDS:
        raise EngineError(
            f"{origin}: {text!r} is no place for a state", remedy=f"it can be one of {known}"
        )
    if parts.username or parts.password:
        raise EngineError(
            f"{origin}: there is a user or a password in the address",
            remedy="take it out; credentials are given by variables (docs/state.md)",
        )
    if parts.scheme != "file":
        if not parts.netloc:
            raise EngineError(
                f"{origin}: {text!r} names nothing behind ://",
                remedy=f"write it like {KINDS[parts.scheme]}",
            )
        return text
    path, _, query = text.removeprefix("file://").partition("?")
    absolute = (base / Path(path or ".").expanduser()).resolve()
    if not path or not absolute.is_dir():
        raise EngineError(
            f"{origin}: there is no folder {absolute if path else repr(text)}",
            remedy=f"make it (`mkdir -m 700 {absolute}`), or mount what it is on"
            if path
            else f"write it like {KINDS['file']}",
        )
    return f"file://{absolute}" + (f"?{query}" if query else "")
