"""What the steps of a run have made, in object storage: a pod that takes over goes on from there.

A key follows from all that an output is made of, so that no other run's output is mistaken for it,
and a step that was done twice leaves one object.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from ssl_analysis.storage import ObjectStore

PREFIX = "steps/"


def key(version: str, step: str, parameters: Mapping[str, object], inputs: Sequence[bytes]) -> str:
    """Return where the output of a step is kept; `version` is that of code and image."""
    told = [step, dict(parameters), [hashlib.sha256(each).hexdigest() for each in inputs]]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return f"{PREFIX}{version}/{step}-{digest[:24]}"


def kept(store: ObjectStore, where: str) -> bytes | None:
    """Return an output that is there already."""
    return store.get(where) if where in store.keys(where) else None


def drop_others(store: ObjectStore, version: str) -> None:
    """Remove what runs of other code, image or settings have left."""
    for each in store.keys(PREFIX):
        if not each.startswith(f"{PREFIX}{version}/"):
            store.delete(each)
