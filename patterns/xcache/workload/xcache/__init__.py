"""The probe that reads a file through the cache."""
