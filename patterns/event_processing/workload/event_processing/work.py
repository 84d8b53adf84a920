"""One unit of work, as a worker does it: one file from object storage through the processor."""

import hashlib
import io
import os
from functools import cache
from typing import Any

import uproot
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore, S3Store, s3_client

from .errors import BadInputError
from .inputs import Input
from .rootfile import TREE


def analyse(wanted: Input) -> dict[str, Any]:
    """Return the sums of one input, read from the bucket that the environment names."""
    return analysed(wanted, _store())


def analysed(wanted: Input, store: ObjectStore) -> dict[str, Any]:
    """Return the sums of one input; the same whoever computes them, and however often.

    Raises BadInputError naming the input where it is missing or other than it was made.
    """
    # here, because it takes seconds, and the driver never comes here
    from coffea.nanoevents import (  # type: ignore[import-untyped]
        NanoAODSchema,
        NanoEventsFactory,
    )

    from .processor import Dimuons

    if wanted.key not in store.keys(wanted.key):
        raise BadInputError(f"{wanted.key} is missing; deploy again, so that it is made")
    data = store.get(wanted.key)
    found = hashlib.sha256(data).hexdigest()
    if found != wanted.sha256:
        raise BadInputError(
            f"{wanted.key} was changed or damaged after it was made: SHA-256 {found}, it was "
            f"{wanted.sha256}; delete it and deploy again"
        )
    NanoAODSchema.warn_missing_crossrefs = False  # of branches that a dimuon analysis needs not
    try:
        events = NanoEventsFactory.from_root(
            uproot.open(io.BytesIO(data)), treepath=TREE, schemaclass=NanoAODSchema, mode="eager"
        ).events()
        sums: dict[str, Any] = Dimuons().process(events)
    except Exception as error:  # whatever wrong branches make coffea raise
        raise BadInputError(
            f"{wanted.key} is not a file with muons in a tree {TREE}: {type(error).__name__}: "
            f"{str(error).strip().partition(chr(10))[0]}"
        ) from error
    numbers = sum(range(wanted.first_event, wanted.first_event + wanted.events))
    if (sums["events"], sums["event_numbers"]) != (wanted.events, numbers):
        raise BadInputError(
            f"{wanted.key} does not hold the {wanted.events} events from {wanted.first_event} on"
        )
    return sums


@cache
def _store() -> ObjectStore:
    return S3Store(s3_client(), Environment(os.environ).bucket())
