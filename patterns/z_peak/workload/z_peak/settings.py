"""What the job is told through its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import JobError
from .reference import (
    DEFAULT_BACKGROUND_EVENTS,
    DEFAULT_SEED,
    DEFAULT_SIGNAL_EVENTS,
    sample_key,
)

# The sample is held in memory: half a million events of each kind take 420 MiB in all, the
# default sample 160 MiB.
MAX_EVENTS = 500_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run: the sample's seed and size (numbers of muon pairs), and the bucket."""

    bucket: str
    seed: int = DEFAULT_SEED
    signal_events: int = DEFAULT_SIGNAL_EVENTS
    background_events: int = DEFAULT_BACKGROUND_EVENTS

    @property
    def sample_key(self) -> str:
        """The object key of this run's sample."""
        return sample_key(self.seed, self.signal_events, self.background_events)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read S3_BUCKET, SEED, SIGNAL_EVENTS and BACKGROUND_EVENTS.

        The credentials and the endpoint are read by boto3 itself; only their presence is
        checked here, because without an endpoint boto3 would talk to Amazon. Raises JobError
        that names the variable.
        """
        for name in (
            "S3_BUCKET",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
        ):
            if not environment.get(name):
                raise JobError(f"{name} is not set; set it in the Job's environment")
        return cls(
            bucket=environment["S3_BUCKET"],
            seed=_integer(environment, "SEED", DEFAULT_SEED, 0, 2**63 - 1),
            signal_events=_integer(
                environment, "SIGNAL_EVENTS", DEFAULT_SIGNAL_EVENTS, 1, MAX_EVENTS
            ),
            background_events=_integer(
                environment, "BACKGROUND_EVENTS", DEFAULT_BACKGROUND_EVENTS, 0, MAX_EVENTS
            ),
        )


def _integer(
    environment: Mapping[str, str], name: str, default: int, smallest: int, largest: int
) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise JobError(f"{name}: {text!r} is not a whole number") from None
    if not smallest <= value <= largest:
        raise JobError(f"{name}: {value} is not between {smallest} and {largest}")
    return value
