"""The `sslab` command: each subcommand is one function of the core plus printing."""
