"""The one exception that ends an analysis with a message."""


class AnalysisError(Exception):
    """The analysis cannot go on; the message says what is wrong and what to do about it."""
