"""XCache: a copy near the jobs of what they read by the XRootD protocol."""
