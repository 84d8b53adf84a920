"""What the expressions about a laboratory are about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A laboratory, the jobs that have metrics, and the capacity of its object storage in bytes.

    `object_storage_b` is None where the laboratory does not run the storage itself.
    """

    laboratory: str
    jobs: tuple[str, ...]
    object_storage_b: int | None

    def series(self, metric: str, job: str | None = None, *more: str) -> str:
        """Return the selector of a metric of this laboratory; `more` are matchers.

        A Prometheus that is not ours has other laboratories too, and jobs called like these.
        """
        matchers = [f'laboratory="{self.laboratory}"', *([f'job="{job}"'] if job else []), *more]
        return f"{metric}{{{','.join(matchers)}}}"
