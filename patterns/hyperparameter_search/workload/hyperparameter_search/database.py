"""The database that the workers share: reached with patience, and entered by one at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from optuna.exceptions import StorageInternalError
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool
from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report

LOCK = 0x55D1
"""The number of the advisory lock; the database has no other user."""

Result = TypeVar("Result")


class DatabaseGoneError(Exception):
    """The database does not answer at the moment, or has dropped the connection."""


class Database:
    """A PostgreSQL server, which may be restarted at any time."""

    def __init__(
        self, url: URL, report: Report, *, patience_s: float = 180.0, pause_s: float = 1.0
    ) -> None:
        """`patience_s` is how long the server may be away, asked every `pause_s` seconds."""
        self.url = url
        self._report = report
        self._patience_s = patience_s
        self._pause_s = pause_s
        self._engine = create_engine(url, poolclass=NullPool)

    def patiently(self, what: str, act: Callable[[], Result]) -> Result:
        """Return what `act` does, which is done again while the database is away.

        Raises AnalysisError where it stays away, or refuses the password.
        """
        deadline = time.monotonic() + self._patience_s
        told = False
        while True:
            try:
                with lost_connections():
                    return act()
            except DatabaseGoneError as error:
                reason = _line(error)
                if "authentication failed" in reason:
                    raise AnalysisError(
                        f"the database at {self.url.host} refuses the password of "
                        f"{self.url.username}: restart its pod, which takes the one it is told"
                    ) from None
                if time.monotonic() > deadline:
                    raise AnalysisError(
                        f"{what}: the database at {self.url.host} has not answered for "
                        f"{self._patience_s:g} s ({reason}); look at its pod"
                    ) from None
            if not told:
                self._report(f"{what}: waiting for the database at {self.url.host} ({reason})")
                told = True
            time.sleep(self._pause_s)

    @contextmanager
    def alone(self) -> Iterator[Callable[[], None]]:
        """Let one worker at a time do what is inside.

        What is handed over raises DatabaseGoneError where that does not hold any more: the lock
        goes with its connection, and another worker may have got it.
        """
        with lost_connections(), self._engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
            yield lambda: _still(connection)


@contextmanager
def lost_connections() -> Iterator[None]:
    """Tell a lost connection from every other error: DatabaseGoneError."""
    try:
        yield
    except (DBAPIError, StorageInternalError) as error:
        cause = error if isinstance(error, DBAPIError) else error.__cause__
        gone = isinstance(cause, OperationalError) or getattr(
            cause, "connection_invalidated", False
        )
        if not gone:
            raise
        raise DatabaseGoneError(str(getattr(cause, "orig", cause))) from error


def _still(connection: Connection) -> None:
    with lost_connections():
        connection.execute(text("SELECT 1"))


def _line(error: Exception) -> str:
    """Return the last line of a message: psycopg tells each address it has tried before."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "failed" in line), lines[0] if lines else "no answer")
