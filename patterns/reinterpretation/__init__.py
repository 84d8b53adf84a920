"""Reinterpretation: a preserved search, run again step by step for a new model."""
