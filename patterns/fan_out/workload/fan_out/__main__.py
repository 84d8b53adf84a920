"""Entry point of the pods: ``python -m fan_out``; STAGE says which part they do."""

import sys

from ssl_analysis.job import Report, main
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore, s3_client

from . import merge, prepare, task
from .errors import BadInputError
from .ranges import S3Ranges
from .reference import BAD_INPUT_EXIT_CODE
from .settings import Settings


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Do the stage that the environment names.

    An input that no repetition mends ends the process with an exit code of its own, by which
    Kubernetes knows that it need not try again.
    """
    settings = Settings.of(environment)
    if settings.stage == "prepare":
        prepare.run(settings, store, report)
    elif settings.stage == "merge":
        merge.run(settings, store, report)
    else:
        ranges = S3Ranges(s3_client(), environment.bucket())
        try:
            task.run(settings, task.attempt(environment), store, ranges, report)
        except BadInputError as error:
            print(f"fan-out: error: {error}", file=sys.stderr, flush=True)
            sys.exit(BAD_INPUT_EXIT_CODE)


if __name__ == "__main__":
    sys.exit(main("fan-out", run))
