"""Batch analysis: scripts of any group, each a Job in an image of the catalogue."""
