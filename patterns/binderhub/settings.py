"""BinderHub's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity, Word


class Settings(Model):
    """What a site may choose."""

    users: int = Field(default=4, ge=1, le=10_000, description="Notebooks at once, at most.")
    user_cpu: Quantity = Field(default="500m", description="CPU that each of them requests.")
    user_memory: Quantity = Field(default="1Gi", description="Memory of each of them.")
    build_memory: Quantity = Field(
        default="1Gi", description="Memory of the pod that makes an image of a repository."
    )
    per_repository: int = Field(
        default=4, ge=1, le=10_000, description="Notebooks of one repository at once, at most."
    )
    registry_user: Word = Field(
        default="binderhub",
        description="The account at `registry.images` that may push; its password is the secret "
        "`binderhub-registry-password`.",
    )
