"""The study: who does which trial, so that in the end there are exactly as many as were asked for.

A worker reserves a trial while no other worker may look (`Database.alone`), works on it for as long
as it takes, and stores its value. Trials that are done and those that are worked on are never more
than were asked for. A trial whose worker is dead counts no more: it is failed and queued again. Who
was taken for dead and was not cannot store a value any more.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.samplers import TPESampler
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from ssl_analysis.job import Report

from .database import Database, lost_connections
from .heartbeat import Heartbeat
from .objective import DEFAULTS, GAMMA_RANGE, RIDGE_RANGE, Candidate
from .settings import Settings

RANDOM_TRIALS = 10
"""So many candidates are drawn before the others follow from what is known."""

BEATS_A_GRACE = 6
SPACE: dict[str, BaseDistribution] = {
    "ridge": FloatDistribution(*RIDGE_RANGE, log=True),
    "gamma": FloatDistribution(*GAMMA_RANGE, log=True),
}
HELD_AS, WORKER, IS_DEFAULT = "held as", "worker", "defaults"
"""What is noted at a trial. The number that it is held as: a trial that is done again has the notes
of the one before it."""

warnings.simplefilter("ignore", ExperimentalWarning)  # the heartbeat, since 2021
warnings.filterwarnings("ignore", "Heartbeat of storage is supposed")  # `Heartbeat` gives it
optuna.logging.set_verbosity(optuna.logging.ERROR)  # it tells of each lost connection at length


class NoTrial(Enum):
    """Why there is no trial to do."""

    DONE = "all are done"
    BUSY = "the others are worked on"


@dataclass(frozen=True)
class Held:
    """A trial that is this worker's, with what it needs to know of it while the database is away.

    `trial_id` is its number among the trials of all studies.
    """

    number: int
    trial_id: int
    candidate: Candidate


@dataclass(frozen=True)
class Study:
    """The study of some settings, open."""

    settings: Settings
    database: Database
    storage: RDBStorage
    study: optuna.Study

    def reserve(self) -> Held | NoTrial:
        """Return a trial to do, which is this worker's from now on."""
        with self.database.alone() as require_still_alone, lost_connections():
            self._give_up_the_dead()
            trials = self.study.get_trials(deepcopy=False)
            done = _in_state(trials, TrialState.COMPLETE)
            if done >= self.settings.trials:
                return NoTrial.DONE
            if done + _in_state(trials, TrialState.RUNNING) >= self.settings.trials:
                return NoTrial.BUSY
            self._queue_defaults(trials)
            self.study.sampler = sampler(self.settings.seed, self._next_number())
            trial = self.study.ask(SPACE)
            held = Held(trial.number, self._id(trial.number), Candidate(**trial.params))
            self.storage.record_heartbeat(held.trial_id)
            # With the lock lost, another worker may have counted before this trial was there. It is
            # not held then, and the next who looks gives it up.
            require_still_alone()
            try:
                trial.set_user_attr(WORKER, self.settings.worker)
                trial.set_user_attr(HELD_AS, trial.number)
            except UpdateFinishedTrialError:  # given up between these lines
                return NoTrial.BUSY
            return held

    def alive(self, held: Held) -> Heartbeat:
        """Return what keeps a trial this worker's, while it is worked on."""
        interval_s = self.settings.grace_s / BEATS_A_GRACE
        return Heartbeat(self.storage, held.trial_id, interval_s)

    def finish(self, held: Held, value: float) -> bool:
        """Store the value of a trial; False where it was given up, and is another worker's now.

        It may be called again, where it is not known whether it got through.
        """
        with lost_connections():
            if self.storage.get_trial(held.trial_id).state == TrialState.RUNNING:
                try:
                    self.storage.set_trial_state_values(held.trial_id, TrialState.COMPLETE, [value])
                except UpdateFinishedTrialError:
                    return False
            return self.storage.get_trial(held.trial_id).state == TrialState.COMPLETE

    def results(self) -> tuple[FrozenTrial, ...]:
        """Return the trials that were asked for, by number; fewer while they are not all done."""
        with lost_connections():
            trials = self.study.get_trials(states=(TrialState.COMPLETE,))
        return tuple(sorted(trials, key=lambda trial: trial.number)[: self.settings.trials])

    def given_up(self) -> int:
        """Return how many trials were given up, because their workers had died."""
        with lost_connections():
            return len(self.study.get_trials(deepcopy=False, states=(TrialState.FAIL,)))

    def _give_up_the_dead(self) -> None:
        """Fail the trials of dead workers, and queue them again with the same candidates.

        Dead is who has been silent for the grace period, and who died while reserving.
        """
        fail_stale_trials(self.study)
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            if trial.user_attrs.get(HELD_AS) != trial.number:
                try:
                    self.storage.set_trial_state_values(self._id(trial.number), TrialState.FAIL)
                except UpdateFinishedTrialError:
                    continue
                RetryHeartbeatStaleTrialCallback()(self.study, trial)

    def _queue_defaults(self, trials: list[FrozenTrial]) -> None:
        """Queue the defaults where they are missing: as the first trial, or one that was lost."""
        there = [trial for trial in trials if trial.state != TrialState.FAIL]
        if not any(trial.user_attrs.get(IS_DEFAULT) for trial in there):
            self.study.enqueue_trial(
                {"ridge": DEFAULTS.ridge, "gamma": DEFAULTS.gamma}, user_attrs={IS_DEFAULT: True}
            )

    def _next_number(self) -> int:
        """Return the number of the trial that is asked for next: the first queued, or a new one.

        A queued one may have no candidate yet, where its worker died while it was chosen.
        """
        trials = self.study.get_trials(deepcopy=False)
        queued = [each.number for each in trials if each.state == TrialState.WAITING]
        return min(queued, default=len(trials))

    def _id(self, number: int) -> int:
        study = self.storage.get_study_id_from_name(self.settings.study)
        return self.storage.get_trial_id_from_study_id_trial_number(study, number)


def open_study(settings: Settings, database: Database) -> Study:
    """Return the study, with its tables, which are made by the first worker."""
    with database.alone(), lost_connections():
        storage = RDBStorage(
            database.url.render_as_string(hide_password=False),
            # a restarted server's connections are found dead before they are used
            engine_kwargs={"pool_size": 2, "pool_pre_ping": True},
            heartbeat_interval=max(1, settings.grace_s // BEATS_A_GRACE),
            grace_period=settings.grace_s,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(),
        )
        study = optuna.create_study(
            storage=storage,
            study_name=settings.study,
            direction=StudyDirection.MINIMIZE,
            load_if_exists=True,
        )
    return Study(settings, database, storage, study)


def work(
    study: Study,
    evaluate: Callable[[Candidate], float],
    report: Report,
    pause: Callable[[], None],
) -> None:
    """Do trials until all that were asked for are done, by this worker or by others.

    `pause` is called where the others are at work on the last ones.
    """
    while True:
        held = study.database.patiently("reserving a trial", study.reserve)
        if held is NoTrial.DONE:
            return
        if isinstance(held, NoTrial):
            pause()
        else:
            _do(study, held, evaluate, report)


def _do(study: Study, held: Held, evaluate: Callable[[Candidate], float], report: Report) -> None:
    with study.alive(held):
        value = evaluate(held.candidate)
        stored = study.database.patiently(
            f"storing trial {held.number}", lambda: study.finish(held, value)
        )
    candidate = held.candidate
    where = f"trial {held.number}: ridge {candidate.ridge:.4g}, gamma {candidate.gamma:.4g}"
    report(f"{where}: loss {value:.6f}" if stored else f"{where}: given up, another does it")


def is_default(trial: FrozenTrial) -> bool:
    """Tell whether a trial is that of the defaults."""
    return bool(trial.user_attrs.get(IS_DEFAULT))


def worker_of(trial: FrozenTrial) -> int:
    """Return which worker did a trial."""
    return int(trial.user_attrs[WORKER])


def _in_state(trials: list[FrozenTrial], state: TrialState) -> int:
    return sum(trial.state == state for trial in trials)


def sampler(seed: int, number: int) -> TPESampler:
    """Return what chooses the next candidate, drawn anew for each number.

    So the random ones are the same however many workers there are, and a worker that starts again
    does not choose again what it chose before.
    """
    drawn = np.random.SeedSequence([seed, number]).generate_state(1)[0]
    return TPESampler(n_startup_trials=RANDOM_TRIALS, seed=int(drawn))
