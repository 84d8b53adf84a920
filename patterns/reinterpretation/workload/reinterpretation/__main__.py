"""Entry point of the Job: ``python -m reinterpretation``."""

import sys

from ssl_analysis.job import main

from .workflow import run

if __name__ == "__main__":
    sys.exit(main("reinterpretation", run))
