"""What is wrong with an input, as distinct from what another attempt may find mended."""

from ssl_analysis.errors import AnalysisError


class BadInputError(AnalysisError):
    """An input is missing, changed or damaged; the message names it."""
