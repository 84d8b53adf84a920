"""The CrossGuard policy pack: what no resource may do beyond its component's contract."""
