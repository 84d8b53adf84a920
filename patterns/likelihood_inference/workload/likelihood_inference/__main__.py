"""Entry point of the Job: ``python -m likelihood_inference``."""

import sys

from ssl_analysis.job import main

from .analysis import run

if __name__ == "__main__":
    sys.exit(main("likelihood-inference", run))
