"""Clusters that the laboratory makes in a cloud, one folder entry a cloud and a part of it."""
