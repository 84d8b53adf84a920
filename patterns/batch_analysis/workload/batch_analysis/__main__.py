"""Entry point of the containers beside the job: ``python -m batch_analysis``; STAGE says which."""

import sys

from ssl_analysis.job import main

from .moving import run

if __name__ == "__main__":
    sys.exit(main("batch-analysis", run))
