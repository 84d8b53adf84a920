"""Reading an analysis' settings from its environment."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import AnalysisError

STORAGE = ("S3_BUCKET", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
"""What has to be set for object storage; without an endpoint boto3 would talk to Amazon."""


@dataclass(frozen=True)
class Environment:
    """The environment variables of a pod; each method raises AnalysisError naming the variable."""

    variables: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a variable that has to be there."""
        value = self.variables.get(name, "")
        if not value:
            raise AnalysisError(f"{name} is not set; set it in the pod's environment")
        return value

    def integer(self, name: str, smallest: int, largest: int) -> int:
        """Return a whole number between the two limits."""
        text = self.text(name)
        try:
            value = int(text)
        except ValueError:
            raise AnalysisError(f"{name}: {text!r} is not a whole number") from None
        if not smallest <= value <= largest:
            raise AnalysisError(f"{name}: {value} is not between {smallest} and {largest}")
        return value

    def number(self, name: str, smallest: float, largest: float) -> float:
        """Return a finite number between the two limits."""
        text = self.text(name)
        try:
            value = float(text)
        except ValueError:
            raise AnalysisError(f"{name}: {text!r} is not a number") from None
        if not (math.isfinite(value) and smallest <= value <= largest):
            raise AnalysisError(f"{name}: {text} is not between {smallest:g} and {largest:g}")
        return value

    def bucket(self) -> str:
        """Return the bucket's name, and make sure that boto3 finds storage and credentials."""
        for name in STORAGE:
            self.text(name)
        return self.text("S3_BUCKET")
