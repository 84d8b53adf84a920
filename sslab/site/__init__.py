"""A site: the schema of its file, loading it, and the diagnostics about it."""
