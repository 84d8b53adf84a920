"""The study on a real PostgreSQL: as many trials as were asked for, whatever dies on the way."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from optuna.trial import TrialState, create_trial
from ssl_analysis.errors import AnalysisError

from patterns.hyperparameter_search.workload.hyperparameter_search.database import (
    Database,
    DatabaseGoneError,
)
from patterns.hyperparameter_search.workload.hyperparameter_search.objective import Candidate
from patterns.hyperparameter_search.workload.hyperparameter_search.settings import Settings
from patterns.hyperparameter_search.workload.hyperparameter_search.study import (
    Held,
    NoTrial,
    Study,
    is_default,
    open_study,
    work,
)
from tests.unit.patterns.hyperparameter_search.postgresql import Server
from tests.unit.patterns.ports import free_port

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # the heartbeat is experimental

FORK = multiprocessing.get_context("fork")  # nothing is connected when it forks


def evaluate(candidate: Candidate) -> float:
    time.sleep(0.3)
    return candidate.ridge


def worker(
    server: Server, settings: Settings, evaluate: Callable[[Candidate], float] = evaluate
) -> None:
    database = Database(server.url, lambda line: None, pause_s=0.2)
    study = database.patiently("opening", lambda: open_study(settings, database))
    work(study, evaluate, lambda line: None, lambda: time.sleep(0.2))


def quick(study: Study) -> None:
    work(study, lambda each: each.ridge, lambda line: None, lambda: time.sleep(0.2))


def states(study: Study) -> list[str]:
    return [trial.state.name for trial in study.study.get_trials()]


def reserved(study: Study) -> Held:
    trial = study.reserve()
    assert not isinstance(trial, NoTrial)
    return trial


def test_killed_workers_and_a_restarted_database_change_nothing(
    server: Server, settings: Settings
) -> None:
    asked = replace(settings, trials=24, grace_s=4)
    stuck = FORK.Event()

    def never(candidate: Candidate) -> float:
        stuck.set()
        time.sleep(600)
        raise AssertionError("the worker was to be killed")

    workers = [
        FORK.Process(
            target=worker,
            args=(server, replace(asked, worker=number), never if number == 1 else evaluate),
        )
        for number in range(3)
    ]
    for each in workers:
        each.start()
    study = open_study(asked, Database(server.url, lambda line: None))
    until(lambda: states(study).count("COMPLETE") >= 4)
    assert stuck.wait(120)
    workers[1].kill()  # in the middle of a trial
    workers[1].join()
    until(lambda: states(study).count("COMPLETE") >= 8)
    server.stop()
    time.sleep(1)
    server.start()
    server.ready()
    workers[0].join(180)
    workers[2].join(180)
    assert [each.exitcode for each in workers] == [0, -9, 0]
    found = states(study)
    assert found.count("COMPLETE") == 24
    assert set(found) <= {"COMPLETE", "FAIL"}
    assert study.given_up() >= 1  # that of the killed one
    results = study.results()
    assert sum(is_default(trial) for trial in results) == 1
    assert len({(each.params["ridge"], each.params["gamma"]) for each in results}) == 24


def until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_trial_of_a_dead_worker_is_done_again_with_the_same_candidate(
    settings: Settings, database: Database
) -> None:
    study = open_study(replace(settings, grace_s=2), database)
    dead = reserved(study)
    time.sleep(study.settings.grace_s + 0.5)
    quick(study)
    results = study.results()
    assert len(results) == 6
    assert states(study).count("FAIL") == 1
    again = next(each for each in results if each.system_attrs.get("failed_trial") == dead.number)
    assert Candidate(**again.params) == dead.candidate
    assert not study.finish(dead, 1.0)  # it was not dead after all, and comes too late
    assert states(study).count("COMPLETE") == 6


def test_a_sign_of_life_keeps_a_trial(settings: Settings, database: Database) -> None:
    study = open_study(replace(settings, grace_s=6), database)
    trial = reserved(study)
    with study.alive(trial):
        time.sleep(2 * study.settings.grace_s)
        others = open_study(replace(study.settings, worker=1), study.database)
        reserved(others)
        assert states(study) == ["RUNNING", "RUNNING"]
    assert study.finish(trial, 0.5)
    assert study.finish(trial, 0.5)  # asked again, as where the first answer was lost
    assert states(study) == ["COMPLETE", "RUNNING"]


def test_a_trial_needs_no_database_until_it_is_stored(study: Study, server: Server) -> None:
    held = reserved(study)
    server.stop()
    try:
        with study.alive(held):
            time.sleep(0.5)  # a sign of life that does not get through
    finally:
        server.start()
        server.ready()
    assert study.database.patiently("storing", lambda: study.finish(held, 0.5))
    assert states(study) == ["COMPLETE"]


def test_no_more_trials_are_handed_out_than_were_asked_for(study: Study) -> None:
    held = [reserved(study) for _ in range(6)]
    assert study.reserve() is NoTrial.BUSY
    for trial in held:
        assert study.finish(trial, 1.0)
    assert study.reserve() is NoTrial.DONE
    assert states(study) == ["COMPLETE"] * 6


def test_who_lost_the_lock_while_reserving_holds_no_trial(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise DatabaseGoneError("restarted")

    @contextmanager
    def lost(self: Database) -> Iterator[Callable[[], None]]:
        yield gone

    with monkeypatch.context() as patched:
        patched.setattr(Database, "alone", lost)
        with pytest.raises(DatabaseGoneError):
            study.reserve()
    assert states(study) == ["RUNNING"]  # asked for, and nobody's
    quick(study)
    assert states(study).count("COMPLETE") == 6
    assert states(study)[0] == "FAIL"
    assert sum(is_default(trial) for trial in study.results()) == 1


def test_a_queued_trial_without_a_candidate_does_not_get_that_of_another(study: Study) -> None:
    study.study.add_trial(create_trial(state=TrialState.WAITING))  # died before it was chosen
    quick(study)
    candidates = {tuple(each.params.values()) for each in study.results()}
    assert len(candidates) == 6


def test_asking_for_more_goes_on_and_for_fewer_tells_the_first(study: Study) -> None:
    quick(study)
    before = {trial.number: trial.value for trial in study.results()}
    more = open_study(replace(study.settings, trials=9), study.database)
    quick(more)
    numbers = [trial.number for trial in more.results()]
    assert numbers == list(range(9))
    fewer = open_study(replace(study.settings, trials=4), study.database)
    assert fewer.reserve() is NoTrial.DONE
    assert {trial.number: trial.value for trial in fewer.results()} == {
        number: before[number] for number in range(4)
    }


def test_random_candidates_do_not_depend_on_who_asks(
    database: Database, settings: Settings
) -> None:
    study = open_study(settings, database)
    quick(study)
    alone = [trial.params for trial in study.results()]
    study.storage.delete_study(study.storage.get_study_id_from_name(settings.study))
    first = open_study(settings, database)
    second = open_study(replace(settings, worker=1), database)
    held = [(each, reserved(each)) for _ in range(3) for each in (first, second)]
    for each, trial in held:
        each.finish(trial, 1.0)
    assert [trial.params for trial in first.results()] == alone


def test_a_wrong_password_is_told_at_once(server: Server) -> None:
    url = server.url.set(password="wrongwrongwrong1")
    database = Database(url, lambda line: None)
    started = time.monotonic()
    with pytest.raises(AnalysisError, match="refuses the password of search"):
        database.patiently("opening", lambda: enter(database))
    assert time.monotonic() - started < 30


def test_a_database_that_stays_away_is_told_with_its_address() -> None:
    told: list[str] = []
    url = Server.address(free_port())
    database = Database(url, told.append, patience_s=0.5, pause_s=0.1)
    with pytest.raises(AnalysisError, match=r"opening: the database at 127\.0\.0\.1 has not"):
        database.patiently("opening", lambda: enter(database))
    assert len(told) == 1
    assert "Connection refused" in told[0]


def test_an_error_that_is_ours_is_not_waited_out(study: Study) -> None:
    trial = reserved(study)
    assert study.study.get_trials()[trial.number].state == TrialState.RUNNING
    with pytest.raises(ValueError, match="no such thing"):
        study.database.patiently("failing", fail)


def enter(database: Database) -> None:
    with database.alone():
        pass


def fail() -> None:
    raise ValueError("no such thing")
