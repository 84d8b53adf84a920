"""Deploying what was merged: which sites, in which order, and what is remembered of it."""
