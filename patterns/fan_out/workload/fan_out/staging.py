"""Staging an input into the memory of its task, at no more than the budget."""

import hashlib

from .bandwidth import Meter, TokenBucket
from .errors import BadInputError
from .inputs import Input
from .ranges import Ranges
from .reference import BASE_MEMORY_BYTES


def stage(
    wanted: Input, ranges: Ranges, bucket: TokenBucket, meter: Meter, memory_bytes: int
) -> bytes:
    """Return an input whole, as it was listed.

    Raises BadInputError where it is larger than the memory has room for, missing, or other than
    it was: a result of it would be one of another file.
    """
    # the file and the arrays that are read out of it are there together
    needed = BASE_MEMORY_BYTES + 3 * wanted.size_bytes
    if needed > memory_bytes:
        raise BadInputError(
            f"{wanted.key} has {wanted.size_bytes} bytes, for which a task needs "
            f"{-(-needed // 2**20)}Mi of memory; it has {memory_bytes // 2**20}Mi: raise memory "
            "in the pattern's settings"
        )
    data = bytearray()
    while len(data) < wanted.size_bytes:
        size = min(bucket.part_bytes, wanted.size_bytes - len(data))
        bucket.take(size)
        part = ranges.read(wanted.key, len(data), size)
        meter.arrived(len(part))
        data += part
        if len(part) < size:
            raise BadInputError(
                f"{wanted.key} has {len(data)} bytes, {wanted.size_bytes} were listed; restore it, "
                "or let the inputs be listed again"
            )
    found = hashlib.sha256(data).hexdigest()
    if found != wanted.sha256:
        raise BadInputError(
            f"{wanted.key} was changed or damaged after it was listed: SHA-256 {found}, listed "
            f"was {wanted.sha256}; restore it, or let the inputs be listed again"
        )
    return bytes(data)
