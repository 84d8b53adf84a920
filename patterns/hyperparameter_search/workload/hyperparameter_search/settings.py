"""The settings of one worker, from its environment."""

from dataclasses import dataclass

from sqlalchemy import URL
from ssl_analysis.settings import Environment

from .objective import REVISION

MOST_TRIALS = 2000
MOST_EVENTS = 2000
"""A kernel of 2000 events takes 26 MB; the time of a trial goes with the cube of them."""


@dataclass(frozen=True)
class Settings:
    """What is searched, how often, and which of the workers this is.

    A trial whose worker has been silent for `grace_s` seconds is taken for dead.
    """

    trials: int
    seed: int
    events: int
    worker: int
    grace_s: int

    @property
    def study(self) -> str:
        """The name of the study in the database: one for each question that can be asked.

        How many trials it takes is not part of it: asking for more goes on with the same study.
        """
        return f"kernel-ridge-{REVISION}-seed{self.seed}-events{self.events}"


def read(environment: Environment) -> Settings:
    """Return the settings. Raises AnalysisError naming the variable that is wrong."""
    return Settings(
        trials=environment.integer("TRIALS", 1, MOST_TRIALS),
        seed=environment.integer("SEED", 0, 2**32 - 1),
        events=environment.integer("EVENTS", 50, MOST_EVENTS),
        worker=environment.integer("JOB_COMPLETION_INDEX", 0, 1023),
        grace_s=environment.integer("GRACE_S", 2, 3600),
    )


def database_url(environment: Environment) -> URL:
    """Return where the database is. Raises AnalysisError naming the variable that is missing."""
    user = environment.text("DATABASE_USER")
    return URL.create(
        "postgresql+psycopg",
        username=user,
        password=environment.text("DATABASE_PASSWORD"),
        host=environment.text("DATABASE_HOST"),
        port=environment.integer("DATABASE_PORT", 1, 65535),
        database=user,
        # a server that is gone without a word is noticed after 25 s, not after two hours
        query={
            "connect_timeout": "5",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
        },
    )
