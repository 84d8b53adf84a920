"""Create the S3 buckets named on the command line; those that are there stay as they are.

The endpoint and the administrator's keys come from the environment that boto3 reads itself.
"""

from __future__ import annotations

import sys

import boto3
from botocore.config import Config

RETRIES = Config(
    retries={"mode": "standard", "total_max_attempts": 10},
    connect_timeout=5,
    read_timeout=20,
    s3={"addressing_style": "path"},
)


def main(names: list[str]) -> None:
    """Create what is missing, a line for each bucket."""
    storage = boto3.client("s3", config=RETRIES)
    present = {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}
    for name in names:
        if name in present:
            print(f"bucket {name} is there")
        else:
            storage.create_bucket(Bucket=name)
            print(f"bucket {name} created")


if __name__ == "__main__":
    main(sys.argv[1:])
