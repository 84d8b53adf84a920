"""How JupyterHub is set up: by a file of settings, and by secrets in the environment."""
