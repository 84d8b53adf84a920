"""A pattern that is one Job in the image `analysis`, as most are."""

from __future__ import annotations

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place


class OneJob(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, args: AnalysisArgs, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        kind = args.package.title().replace("_", "")
        super().__init__(f"ssl:patterns:{kind}", name, None, opts)
        Analysis(name, args, place, self).job()
        self.register_outputs({})


def one_job(args: AnalysisArgs) -> PatternComponent:
    """Return the function that makes the pattern; its kind is called like the package."""
    return lambda name, place, opts: OneJob(name, args, place, opts)
