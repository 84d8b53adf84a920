"""Two revisions of one analysis, and what compares them."""
