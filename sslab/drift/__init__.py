"""Drift: what is there, held against what was deployed."""
