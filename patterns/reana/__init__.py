"""REANA: whole analyses as workflows of containers, which anybody can run again."""
