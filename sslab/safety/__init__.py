"""Which objects hold data, which of them may be lost, and which fields of a site are fixed."""
