"""Evolution of an analysis: two revisions on the same data, and the cause of their difference."""
