"""The fitting service: HistFactory workspaces in, limits out."""
