"""Charts that stand for published ones, in the directory that a site takes charts from."""

from __future__ import annotations

from pathlib import Path

TAGS_ALONE = """\
exemptions:
  - policy: images-pinned
    object: Deployment/ssl-cvmfs/cvmfs-csi-nodeplugin
    reason: the upstream's images have tags alone
    expires: 2099-12-31
"""
"""What a site file needs for the chart `cvmfs-csi`, whose images have no digests."""

MIRROR = Path(__file__).parent
"""The directory."""
