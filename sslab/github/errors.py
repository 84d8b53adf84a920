"""The failures of GitHub's API."""

from sslab.errors import SslabError


class GitHubError(SslabError):
    """GitHub did not do what was asked."""
