"""GitHub's API, and a client of it with a token that may do what the workflows' tokens may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sslab.github.client import Client
from tests.workflows.api import Api, served

RIGHTS = {"issues": "write", "pull-requests": "write", "contents": "write"}


@dataclass
class Known:
    """The API, the client, and how long the client has waited."""

    api: Api
    client: Client
    waits: list[float] = field(default_factory=list)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Known]:
    with served(Api(tmp_path)) as api:
        api.tokens["token"] = RIGHTS
        api.issues[7] = {"number": 7, "state": "open", "labels": [], "title": "x", "body": "y"}
        waits: list[float] = []
        yield Known(api, Client(api.address, api.name, "token", sleep=waits.append), waits)
