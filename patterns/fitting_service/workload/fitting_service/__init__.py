"""An HTTP service that fits HistFactory workspaces with pyhf and keeps the results."""
