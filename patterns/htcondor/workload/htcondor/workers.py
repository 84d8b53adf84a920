"""What `condor_status` has said of the workers, one line each, as numbers in the bucket."""

from pathlib import Path

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Count workers and cores, and publish them; an earlier outcome is withdrawn first."""
    withdraw(store)
    cores = workers(Path(environment.text("WORKERS")).read_text(encoding="utf-8"))
    report(f"the pool knows {len(cores)} workers: {', '.join(cores) or 'none'}")
    outcome = Outcome(
        pattern="htcondor",
        values={
            "workers in the pool": float(len(cores)),
            "cores in the pool": float(sum(cores.values())),
        },
        parameters={},
        metrics={},
    )
    publish(store, outcome)


def workers(answer: str) -> dict[str, int]:
    """Return the cores of each worker by its name. Raises AnalysisError on anything else."""
    found = {}
    for line in answer.splitlines():
        match line.split():
            case [name, cores] if cores.isdigit():
                found[name] = int(cores)
            case _:
                raise AnalysisError(f"condor_status has said {line!r}, not a name and its cores")
    return found
