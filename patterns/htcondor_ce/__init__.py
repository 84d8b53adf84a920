"""HTCondor-CE: takes jobs from the grid, and hands them to the site's batch system."""
