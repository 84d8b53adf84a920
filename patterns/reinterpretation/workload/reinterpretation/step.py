"""One step of the workflow: ``python -m reinterpretation.step NAME OUTPUT ...``, run by yadage.

It reads the files that earlier steps have made, and writes its own output whole or not at all.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore, S3Store, s3_client

from . import checkpoints, signal
from .limit import limit
from .preserved import patch, search

DONE = "step "
"""How a line begins that says what a step has done."""
WRONG = "wrong: "
"""How a line begins that says why a step has failed."""

Parameters = Mapping[str, Any]
Step = Callable[[Parameters, Sequence[bytes]], bytes]


def generate(parameters: Parameters, _: Sequence[bytes]) -> bytes:
    """Return the new model's collisions of one chunk."""
    told = (parameters["seed"], parameters["chunk"], parameters["events"], parameters["mass"])
    return signal.generate(*told).packed()


def select(parameters: Parameters, inputs: Sequence[bytes]) -> bytes:
    """Return what the search finds of one chunk's collisions, by bins."""
    collisions = signal.Collisions.unpacked(inputs[0])
    bins = search().bins_gev
    counts = signal.select(collisions, parameters["seed"], parameters["chunk"], bins)
    return _json({"generated": len(collisions.mass), "selected": counts.tolist()})


def make_patch(parameters: Parameters, inputs: Sequence[bytes]) -> bytes:
    """Return the patch that adds the signal, all chunks together, to the preserved model.

    The cross section is in femtobarn.
    """
    histograms = [json.loads(each) for each in inputs]
    generated = sum(each["generated"] for each in histograms)
    selected = np.sum([each["selected"] for each in histograms], axis=0)
    if not selected.any():
        raise AnalysisError(f"the search finds none of {generated} collisions of the new model")
    of = search()
    produced = parameters["cross_section"] * of.luminosity_fb
    return _json(
        {
            "generated": generated,
            "selected": selected.tolist(),
            "patch": patch(of, selected * produced / generated),
        }
    )


def find_limit(_: Parameters, inputs: Sequence[bytes]) -> bytes:
    """Return the limit on the signal's strength."""
    return _json(limit(search(), json.loads(inputs[0])["patch"]).document())


STEPS: Mapping[str, Step] = {
    "generate": generate,
    "select": select,
    "patch": make_patch,
    "limit": find_limit,
}


def perform(
    name: str,
    parameters: Parameters,
    inputs: Sequence[bytes],
    store: ObjectStore,
    version: str,
) -> tuple[bytes, bool]:
    """Return the output of a step, and whether an earlier attempt had made it."""
    where = checkpoints.key(version, name, parameters, inputs)
    earlier = checkpoints.kept(store, where)
    if earlier is not None:
        return earlier, True
    output = STEPS[name](parameters, inputs)
    store.put(where, output, "application/octet-stream")
    return output, False


def main(arguments: Sequence[str]) -> int:
    """Perform the step that the command line names."""
    told = _parser().parse_args(arguments)
    given = {"seed": told.seed, "chunk": told.chunk, "events": told.events, "mass": told.mass}
    given["cross_section"] = told.cross_section
    parameters = {name: value for name, value in given.items() if value is not None}
    try:
        environment = Environment(os.environ)
        store = S3Store(s3_client(), environment.bucket())
        inputs = [path.read_bytes() for path in told.inputs]
        output, earlier = perform(told.step, parameters, inputs, store, environment.text("VERSION"))
        part = told.output.with_suffix(".part")
        part.write_bytes(output)
        part.replace(told.output)
    except AnalysisError as error:
        _say(f"{WRONG}{told.step}: {error}")
        return 1
    chunk = "" if told.chunk is None else f" {told.chunk}"
    _say(f"{DONE}{told.step}{chunk}: {'was done before' if earlier else 'done'}")
    return 0


def _say(line: str) -> None:
    """Write a line whole: `print` writes its end apart, and another step's line comes between."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reinterpretation.step")
    parser.add_argument("step", choices=sorted(STEPS))
    parser.add_argument("output", type=Path)
    parser.add_argument("--inputs", nargs="*", type=Path, default=[])
    for name in ("seed", "chunk", "events"):
        parser.add_argument(f"--{name}", type=int)
    for name in ("mass", "cross-section"):
        parser.add_argument(f"--{name}", type=float)
    return parser


def _json(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
