"""Run one worker: `python -m hyperparameter_search`."""

import sys

from ssl_analysis.job import main

from .job import run

if __name__ == "__main__":
    sys.exit(main("hyperparameter-search", run))
