"""Dask Gateway: clusters of workers that an analysis asks for when it needs them."""
