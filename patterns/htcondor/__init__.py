"""HTCondor: workers in the cluster that run the jobs of a pool."""
