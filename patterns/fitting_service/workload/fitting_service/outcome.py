"""What a worker process hands back for a question; plain data that pickles."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The numbers of one fit. Expected values are for -2, -1, 0, +1, +2 standard deviations."""

    measurement: str
    poi: str
    mu: float
    cls_obs: float
    cls_exp: tuple[float, ...]
    limit_obs: float | None
    limit_exp: tuple[float | None, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why a question has no answer; ``code`` and ``path`` as in the rejection it becomes."""

    code: str
    message: str
    path: str | None = None


Outcome = Fitted | Refused
