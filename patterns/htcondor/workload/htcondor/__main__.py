"""Entry point of the Job: ``python -m htcondor``."""

import sys

from ssl_analysis.job import main

from .workers import run

if __name__ == "__main__":
    sys.exit(main("htcondor", run))
