"""The folder of a stack's locks in an object storage that has folders, as SeaweedFS.

SeaweedFS lists a folder that has become empty as an object of its name for a while, and Pulumi
takes that for a lock it cannot read. An object in a folder below keeps it from being empty.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import botocore.config
import botocore.exceptions
import botocore.session

from sslab.engine.errors import EngineError

KEPT = "folder/kept"


def keep(url: str, project: str, name: str) -> None:
    """Put the object there, where the address is an S3 server's own. Raises EngineError."""
    _client_call(url, project, name, "put_object")


def forget(url: str, project: str, name: str) -> None:
    """Delete the object again. Raises EngineError."""
    _client_call(url, project, name, "delete_object")


def _client_call(url: str, project: str, name: str, operation: str) -> None:
    parts = urlsplit(url)
    given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    endpoint = given.get("endpoint")
    if parts.scheme != "s3" or endpoint is None:  # Amazon's has no folders
        return
    if "://" not in endpoint:
        endpoint = f"{'http' if given.get('disableSSL') == 'true' else 'https'}://{endpoint}"
    folder = parts.path.strip("/")
    key = f"{folder}/" if folder else ""
    key += f".pulumi/locks/organization/{project}/{name}/{KEPT}"
    try:
        client = botocore.session.Session(profile=given.get("profile")).create_client(
            "s3",
            endpoint_url=endpoint,
            region_name=given.get("region", "us-east-1"),
            config=botocore.config.Config(
                s3={"addressing_style": "path"},
                connect_timeout=10,
                read_timeout=30,
                # older servers know no other checksum than that of the signature
                request_checksum_calculation="when_required",
            ),
        )
        getattr(client, operation)(Bucket=parts.netloc, Key=key)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        raise EngineError(
            f"the state at {url} cannot be written: {error}",
            remedy="give an account that may read and write there (docs/state.md)",
        ) from None
