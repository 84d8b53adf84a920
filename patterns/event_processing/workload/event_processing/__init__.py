"""Event processing: coffea on NanoAOD-like files, by workers that come and go with the work."""
