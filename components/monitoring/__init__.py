"""Monitoring: what is measured of the laboratory, what is wrong when, and how it is shown."""
