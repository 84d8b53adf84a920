"""Entry point of the Job: ``python -m xcache``."""

import sys

from ssl_analysis.job import main

from .probe import run

if __name__ == "__main__":
    sys.exit(main("xcache", run))
