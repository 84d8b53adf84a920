"""The probe that asks for a document through squid."""
