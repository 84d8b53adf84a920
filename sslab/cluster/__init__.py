"""Embedded clusters: real single-node Kubernetes, each in a network namespace of its own."""
