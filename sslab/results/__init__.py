"""Results that last: one record a run and pattern, in object storage; read, compared and drawn."""
