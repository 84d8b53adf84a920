"""Notebooks: JupyterHub, with a server, a volume and a choice of sizes for each user."""
