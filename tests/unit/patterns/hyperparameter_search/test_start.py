"""The image's own program, which makes the database and starts the server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.unit.patterns.hyperparameter_search.postgresql import START, USER, Server, installed
from tests.unit.patterns.ports import free_port

pytestmark = [
    pytest.mark.volume,
    pytest.mark.skipif(not installed(), reason="the machine has no PostgreSQL"),
]


def connect(server: Server, password: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, user=USER, password=password, dbname=USER
    )


def test_data_stay_and_a_changed_password_is_the_one_that_opens(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("database")
    left = folder / "data.new"  # of a pod that was killed while it made the database
    left.mkdir()
    (left / "half").touch()
    server = Server(folder, free_port())
    server.own(left)
    server.start()
    try:
        server.ready()
        with connect(server, server.password) as connection:
            connection.execute("CREATE TABLE kept (number integer)")
            connection.execute("INSERT INTO kept VALUES (42)")
        server.stop()
        (folder / "data").chmod(0o770)  # as a volume is opened for a group
        old, server.password = server.password, "fedcba9876543210"
        server.start()
        server.ready()
        with connect(server, server.password) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(42,)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(server, old)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"photos": ""}, "is there and is no PostgreSQL database"),
        ({"PG_VERSION": "9\n"}, "the data are of PostgreSQL 9, this is "),
    ],
)
def test_what_is_not_ours_is_left_alone(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name, text in files.items():
        (data / name).write_text(text)
    told = subprocess.run(
        [str(START)],
        env={
            **os.environ,
            "PGDATA": str(data),
            "POSTGRES_USER": USER,
            "POSTGRES_PASSWORD": "0123456789abcdef",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert message in told.stderr
    assert {path.name: path.read_text() for path in data.iterdir()} == files
