"""A preserved search, reinterpreted for a new model by a workflow of four stages."""
