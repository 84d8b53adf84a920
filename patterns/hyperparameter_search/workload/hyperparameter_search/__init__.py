"""A search for a classifier's hyper-parameters, by workers that share one study in a database."""
