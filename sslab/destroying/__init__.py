"""Taking a laboratory away: what goes, what is kept, and what was left behind."""
