"""A search for hyper-parameters, whose workers share a study in a database."""
