"""What a pod of the fan-out is told through its environment."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

Stage = Literal["prepare", "task", "merge"]
STAGES: Final = ("prepare", "task", "merge")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run.

    `version` tells code, image and resources from others: results of another version are not used.
    `seed`, `files` and `events_per_file` say what the inputs are. `budget_bytes_s` is what one
    task may read in a second, `tasks_at_once` how many do so, `memory_bytes` what a task has.
    `patience_s` is how long a stage waits for what the one before it leaves.
    """

    stage: Stage
    version: str
    seed: int
    files: int
    events_per_file: int
    budget_bytes_s: float
    tasks_at_once: int
    memory_bytes: int
    patience_s: float = 600.0

    @property
    def sample(self) -> str:
        """The folder of the inputs: the same for the same numbers in each of them."""
        return f"inputs/seed{self.seed}-n{self.events_per_file}"

    @property
    def list_key(self) -> str:
        """Where the list of this run's inputs is."""
        return f"lists/{self.version}-seed{self.seed}-n{self.events_per_file}-f{self.files}.json"

    @classmethod
    def of(cls, environment: Environment) -> "Settings":
        """Read the environment; raises AnalysisError that names the variable."""
        stage = environment.text("STAGE")
        if stage not in STAGES:
            raise AnalysisError(f"STAGE: {stage!r} is not one of {', '.join(STAGES)}")
        return cls(
            stage=cast(Stage, stage),
            version=environment.text("VERSION"),
            seed=environment.integer("SEED", 0, 2**63 - 1),
            files=environment.integer("FILES", 1, 10_000),
            events_per_file=environment.integer("EVENTS_PER_FILE", 1, 1_000_000),
            budget_bytes_s=1e6 * environment.number("BANDWIDTH_MB_S", 0.1, 10_000),
            tasks_at_once=environment.integer("TASKS_AT_ONCE", 1, 10_000),
            memory_bytes=environment.integer("MEMORY_BYTES", 1, 2**50),
        )
