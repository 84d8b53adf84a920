"""A site's laboratory as plain manifests, for those who deploy without Pulumi."""
