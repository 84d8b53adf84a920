"""Smoke tests: what each pattern has to answer, measured through the laboratory's own doors."""
