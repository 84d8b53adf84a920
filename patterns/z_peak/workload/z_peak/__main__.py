"""Entry point of the Job: ``python -m z_peak``."""

import os
import sys

from .errors import JobError
from .job import run
from .settings import Settings
from .storage import S3Store, s3_client


def main() -> int:
    """Run the job with the environment's settings; 0 when the result is stored, else 1."""
    try:
        settings = Settings.from_environment(os.environ)
        store = S3Store(s3_client(), settings.bucket)
        store.wait_until_ready(_report)
        run(settings, store, _report)
    except JobError as error:
        print(f"z-peak: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _report(line: str) -> None:
    """Print a progress line at once, so that ``kubectl logs -f`` follows the job."""
    print(f"z-peak: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
