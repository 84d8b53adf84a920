"""The fan-out: many files, one task a file, and one histogram of them all."""
