"""The patterns: their contracts, and which site can carry which."""
