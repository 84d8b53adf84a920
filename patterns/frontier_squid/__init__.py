"""Frontier Squid: one copy of what many jobs read by HTTP."""
