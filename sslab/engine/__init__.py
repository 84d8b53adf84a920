"""Running Pulumi: its environment, stacks and secrets, and `up`."""
