"""What the driver is told through its environment."""

from dataclasses import dataclass

from ssl_analysis.settings import Environment


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run.

    `seed`, `files` and `events_per_file` say what the inputs are. There are as many workers as
    give each `files_per_worker` files, at most `most_workers`. `patience_s` is how long the driver
    waits while no worker comes and nothing is done; after `ask_again_s` with too few of them it
    asks for them again.
    """

    seed: int
    files: int
    events_per_file: int
    files_per_worker: int
    most_workers: int
    patience_s: float = 300.0
    ask_again_s: float = 15.0

    @property
    def sample(self) -> str:
        """The folder of the inputs."""
        return f"inputs/seed{self.seed}-n{self.events_per_file}"

    def workers_for(self, files: int) -> int:
        """Return how many workers so many files are worth; none for none."""
        return min(self.most_workers, -(-files // self.files_per_worker))

    @classmethod
    def of(cls, environment: Environment) -> "Settings":
        """Read the environment; raises AnalysisError that names the variable."""
        return cls(
            seed=environment.integer("SEED", 0, 2**63 - 1),
            files=environment.integer("FILES", 1, 10_000),
            events_per_file=environment.integer("EVENTS_PER_FILE", 1, 1_000_000),
            files_per_worker=environment.integer("FILES_PER_WORKER", 1, 10_000),
            most_workers=environment.integer("MOST_WORKERS", 1, 1000),
        )
