"""The cloud of the stand-in: a folder with a file for each resource that there is."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from pathlib import Path
from typing import Any

ADDRESS = "203.0.113.7"
ENDPOINT = "203.0.113.8"
AUTHORITY = base64.b64encode(b"certificate of the stand-in").decode()


class RefusedError(Exception):
    """The cloud does not do what was asked."""


class Cloud:
    """Resources by their ids; `refusals` has what is said to whoever asks for a token."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # the provider is asked for several resources at once, and reads them all for some
        self._lock = threading.Lock()

    @property
    def refusals(self) -> Path:
        """The file with what the cloud refuses, by the resource's token; `*` is any."""
        return self._folder.with_suffix(".refusals.json")

    def ids(self) -> list[str]:
        """Return the ids of all that there is."""
        return sorted(self._read(file)["id"] for file in self._folder.glob("*.json"))

    def make(self, token: str, name: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make a resource. Raises RefusedError."""
        self._refuse(token)
        kind = token.partition(":")[2].partition(":")[0]
        identity = f"{kind}/{inputs.get('name') or inputs.get('accountId') or name}"
        with self._lock:
            if self._file(identity).exists():
                raise RefusedError(f"Error 409: {identity} exists already")
            self.keep(identity, inputs)
        return identity, inputs | _outputs(token, identity, inputs)

    def keep(self, identity: str, inputs: dict[str, Any]) -> None:
        """Write a resource down."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {"id": identity, "inputs": inputs}
        self._file(identity).write_text(json.dumps(content))

    def change(self, token: str, identity: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Change a resource. Raises RefusedError."""
        self._refuse(token)
        with self._lock:
            self.keep(identity, inputs)
        return inputs | _outputs(token, identity, inputs)

    def delete(self, identity: str) -> None:
        """Delete a resource. Raises RefusedError where another one is in it."""
        with self._lock:
            for other in self._folder.glob("*.json"):
                known = self._read(other)
                if known["id"] != identity and identity in _texts(known["inputs"]):
                    raise RefusedError(f"Error 400: {identity} is in use by {known['id']}")
            self._file(identity).unlink()

    def found(self, identity: str) -> dict[str, Any] | None:
        """Return the inputs of a resource as they are now, None where it is gone."""
        file = self._file(identity)
        return self._read(file)["inputs"] if file.exists() else None

    def _refuse(self, token: str) -> None:
        said = self._read(self.refusals) if self.refusals.exists() else {}
        if token in said or "*" in said:
            raise RefusedError(said.get(token) or said["*"])

    def _file(self, identity: str) -> Path:
        return self._folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}.json"

    def _read(self, file: Path) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(file.read_text())
        return content


def hmac_key(identity: str) -> tuple[str, str]:
    """Return the access and the secret key that the cloud gives out under an id."""
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return f"GOOG{digest[:20].upper()}", digest[:40]


def _texts(value: Any) -> set[str]:
    """Return every text in a value."""
    if isinstance(value, dict):
        return {text for each in value.values() for text in _texts(each)}
    if isinstance(value, list):
        return {text for each in value for text in _texts(each)}
    return {value} if isinstance(value, str) else set()


def _outputs(token: str, identity: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what the cloud tells of a resource beside its inputs."""
    match token.rpartition(":")[2]:
        case "Cluster":
            return {"endpoint": ENDPOINT, "masterAuth": {"clusterCaCertificate": AUTHORITY}}
        case "Address":
            return {"address": ADDRESS}
        case "Account":
            return {"email": f"{inputs['accountId']}@project.iam.gserviceaccount.com"}
        case "HmacKey":
            access, secret = hmac_key(identity)
            return {"accessId": access, "secret": secret}
        case "Instance":
            return {"networks": [{**inputs["networks"][0], "ipAddresses": ["10.0.8.2"]}]}
    return {}
