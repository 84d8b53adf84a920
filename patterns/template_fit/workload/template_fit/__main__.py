"""Entry point of the Job: ``python -m template_fit``."""

import sys

from ssl_analysis.job import main

from .scan import run

if __name__ == "__main__":
    sys.exit(main("template-fit", run))
