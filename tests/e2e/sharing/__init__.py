"""A pattern of the tests: pods that share a folder."""
