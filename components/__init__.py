"""The substrate: one Pulumi component a layer, and the laboratory that composes them."""
