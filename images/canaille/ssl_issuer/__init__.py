"""An OpenID Connect provider with the users that a site file names: Canaille, set up by a file."""
