"""Storage: which class gives which access mode."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """The site's storage classes; None is the cluster's default (RWO) or none at all (RWX)."""

    rwo_class: str | None
    rwx_class: str | None


class Storage(pulumi.ComponentResource):
    """The site's storage classes, as other layers and patterns get them."""

    rwo_class: str | None
    rwx_class: str | None

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Storage", name, None, opts)
        self.rwo_class = args.rwo_class
        self.rwx_class = args.rwx_class
        self.register_outputs({"rwo_class": self.rwo_class, "rwx_class": self.rwx_class})
