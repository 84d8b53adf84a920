"""A template fit of top quark pairs with a control region and systematics, scanned over these."""
