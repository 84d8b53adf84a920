"""Likelihood inference: a classifier learns a likelihood ratio that is known here exactly."""
