"""Entry point of the Job: ``python -m ci_evolution``."""

import sys

from ssl_analysis.job import main

from .evolution import run

if __name__ == "__main__":
    sys.exit(main("ci-evolution", run))
