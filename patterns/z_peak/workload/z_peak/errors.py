"""The one exception that ends the job with a message."""


class JobError(Exception):
    """The job cannot go on; the message says what is wrong and what to do about it."""
