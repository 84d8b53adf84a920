"""The core of the SSL repository: sites, plans, the embedded cluster and the `sslab` command."""
