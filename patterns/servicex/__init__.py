"""ServiceX: columns out of data sets that are too large to move."""
