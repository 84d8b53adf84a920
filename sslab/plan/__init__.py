"""The plan: what a change of the repository does to each site, as data, and how it is shown."""
