"""Inference with a likelihood ratio that a classifier has learnt, beside the exact one."""
