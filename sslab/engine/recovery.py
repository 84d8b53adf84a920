"""What a killed deployment had begun: operations of which the state does not know the end.

Changes and deletions are settled by reading what is there. A creation may have made an object that
is not recorded. A Kubernetes object is taken over when it is applied again, by its name; what a
cloud makes has no name of its own, and would be made twice.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sslab.engine.errors import EngineError

CREATING = "creating"
TAKEN_OVER = ("kubernetes:", "pulumi:")
FORCED = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}
"""What was made but not recorded has another field manager than what is applied to it now."""

State = Mapping[str, Any]


def begun(exported: State) -> list[Mapping[str, Any]]:
    """Return the operations that were begun, of a state as `pulumi stack export` writes it."""
    deployment = exported.get("deployment") or {}
    return list(deployment.get("pending_operations") or [])


def settled(exported: State, site: str) -> dict[str, Any]:
    """Return the state without the creations that the next deployment takes over.

    Raises EngineError where something in a cloud may have been made.
    """
    creations = [each for each in begun(exported) if each["type"] == CREATING]
    unknown = [
        each["resource"]["urn"].rpartition("::")[2] + f" ({each['resource']['type']})"
        for each in creations
        if not str(each["resource"]["type"]).startswith(TAKEN_OVER)
    ]
    if unknown:
        raise EngineError(
            "a deployment was killed while the cloud made "
            f"{', '.join(unknown)}, and whether it is there is not recorded",
            remedy=f'look for it in the cloud; `eval "$(sslab env {site})"; pulumi refresh -s '
            f"{site}` asks for its id, or forgets it where it is not there (docs/state.md)",
        )
    kept = copy.deepcopy(dict(exported))
    kept["deployment"]["pending_operations"] = [
        each for each in begun(exported) if each["type"] != CREATING
    ]
    return kept
