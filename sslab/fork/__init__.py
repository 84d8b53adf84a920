"""Forks: a clone that is a campus' own, and stays mergeable with the repository it came from."""
