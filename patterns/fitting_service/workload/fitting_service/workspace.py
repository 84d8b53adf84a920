"""Checks whether a document is a HistFactory workspace that can be fitted here.

Runs in a worker process. The published schema (pyhf 0.7.6 carries version 1.0.0) says what a
workspace looks like; what it leaves open, and pyhf would stumble over, is checked afterwards.
"""

from collections.abc import Iterator
from typing import Any

import pyhf

from .documents import path_text
from .outcome import Refused

MAX_BINS = 5_000
"""Bins of all channels together."""
MAX_PARAMETERS = 1_000
"""Parameters, where one per bin counts as many as there are bins."""
MAX_CELLS = 500_000
"""Samples x modifiers x bins. pyhf lays out all of them, about 300 bytes a cell at its peak
(measured: 2.1 million cells took 600 MB), whether or not a modifier acts there."""

_PER_BIN = {"shapesys", "staterror", "shapefactor"}

Workspace = dict[str, Any]


class RefusedError(Exception):
    """The workspace cannot be fitted; carries the answer for the client."""

    def __init__(self, message: str, *, code: str = "invalid_workspace", path: str = "") -> None:
        super().__init__(message)
        self.refused = Refused(code=code, message=message, path=path or None)


def check_workspace(workspace: Workspace, measurement: str | None) -> str:
    """Check a workspace and find the measurement to use; returns that measurement's name.

    Raises :class:`RefusedError` with the place of the first thing that is wrong.
    """
    _check_schema(workspace)
    name = _choose_measurement(workspace, measurement)
    _check_names(workspace)
    _check_size(workspace)
    for index, channel in enumerate(workspace["channels"]):
        _check_channel(channel, f"channels[{index}]")
    _check_observations(workspace)
    for index, entry in enumerate(workspace["measurements"]):
        _check_parameters(entry["config"]["parameters"], f"measurements[{index}].config.parameters")
    return name


def _check_schema(workspace: Workspace) -> None:
    try:
        pyhf.schema.validate(workspace, "workspace.json", version="1.0.0")
    except pyhf.exceptions.InvalidSpecification as error:
        cause = _telling_cause(error.parent)
        message = f"Not a HistFactory workspace (schema 1.0.0): {cause.message[:300]}."
        raise RefusedError(message, path=path_text(cause.absolute_path)) from None


def _telling_cause(error: Any) -> Any:
    """The part of a failed choice that helps: of a modifier, the errors of the type it names.

    A modifier matches one of seven schemas, each with its own constant ``type``. Where none of
    them has that type, the type is what is wrong.
    """
    if not error.context or not isinstance(error.instance, dict):
        return error
    wrong_type = {e.schema_path[0] for e in error.context if list(e.path) == ["type"]}
    telling = [e for e in error.context if e.schema_path[0] not in wrong_type]
    if "type" not in error.instance:
        error.message = "a modifier needs a name, a type and data"
    elif telling:
        return telling[0]
    else:
        types = [e.validator_value for e in error.context if list(e.path) == ["type"]]
        error.message = f"a modifier's type must be one of {', '.join(map(str, types))}"
    return error


def _choose_measurement(workspace: Workspace, measurement: str | None) -> str:
    names = [entry["name"] for entry in workspace["measurements"]]
    listed = ", ".join(f'"{name}"' for name in names[:10])
    if measurement is None:
        if len(names) > 1:
            raise RefusedError(
                f"The workspace has {len(names)} measurements: choose one with the query "
                f"parameter measurement, one of {listed}.",
                path="measurements",
            )
        return str(names[0])
    if names.count(measurement) != 1:
        found = "more than once" if measurement in names else "not"
        raise RefusedError(
            f'The measurement "{measurement}" is {found} in the workspace, which has {listed}.',
            path="measurements",
        )
    return measurement


def _check_names(workspace: Workspace) -> None:
    _check_unique(workspace["channels"], "channels")
    _check_unique(workspace["observations"], "observations")
    for index, channel in enumerate(workspace["channels"]):
        _check_unique(channel["samples"], f"channels[{index}].samples")


def _check_unique(entries: list[dict[str, Any]], path: str) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry["name"] in seen:
            raise RefusedError(
                f'The name "{entry["name"]}" is used twice: give each its own.',
                path=f"{path}[{index}].name",
            )
        seen.add(entry["name"])


def _modifiers(workspace: Workspace) -> Iterator[tuple[dict[str, Any], int]]:
    """Every modifier with the number of bins that it acts on."""
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                yield modifier, len(sample["data"])


def _check_size(workspace: Workspace) -> None:
    bins = sum(len(channel["samples"][0]["data"]) for channel in workspace["channels"])
    samples = len({s["name"] for channel in workspace["channels"] for s in channel["samples"]})
    widths: dict[tuple[str, str], int] = {}
    for modifier, width in _modifiers(workspace):
        key = (modifier["type"], modifier["name"])
        widths[key] = max(widths.get(key, 0), width if modifier["type"] in _PER_BIN else 1)
    sizes = {
        "bins": (bins, MAX_BINS),
        "parameters": (sum(widths.values()), MAX_PARAMETERS),
        "samples x modifiers x bins": (samples * len(widths) * bins, MAX_CELLS),
    }
    for what, (found, limit) in sizes.items():
        if found > limit:
            raise RefusedError(
                f"The workspace has {found} {what}; this service takes at most {limit}.",
                code="too_complex",
            )


def _check_channel(channel: dict[str, Any], path: str) -> None:
    width = len(channel["samples"][0]["data"])
    for index, sample in enumerate(channel["samples"]):
        place = f"{path}.samples[{index}]"
        _check_length(sample["data"], width, f"{place}.data", "the channel's first sample")
        for position, modifier in enumerate(sample["modifiers"]):
            _check_modifier(modifier, width, f"{place}.modifiers[{position}].data")
    for bin_index in range(width):
        total = sum(sample["data"][bin_index] for sample in channel["samples"])
        if total < 0:
            raise RefusedError(
                f"The samples expect {total:g} events in bin {bin_index}: a negative expectation "
                "cannot be fitted.",
                path=f"{path}.samples",
            )


def _check_modifier(modifier: dict[str, Any], width: int, path: str) -> None:
    data = modifier["data"]
    match modifier["type"]:
        case "normsys":
            for key in ("hi", "lo"):
                if data[key] <= 0:
                    raise RefusedError(
                        f"A normalisation factor must be positive, this is {data[key]:g}.",
                        path=f"{path}.{key}",
                    )
        case "histosys":
            for key in ("hi_data", "lo_data"):
                _check_length(data[key], width, f"{path}.{key}", "the sample")
        case "shapesys" | "staterror":
            _check_length(data, width, path, "the sample")
            _check_not_negative(data, path, "An uncertainty")


def _check_observations(workspace: Workspace) -> None:
    widths = {c["name"]: len(c["samples"][0]["data"]) for c in workspace["channels"]}
    for index, observation in enumerate(workspace["observations"]):
        path, name = f"observations[{index}]", observation["name"]
        if name not in widths:
            raise RefusedError(f'No channel is called "{name}".', path=f"{path}.name")
        _check_length(observation["data"], widths.pop(name), f"{path}.data", "the channel")
        _check_not_negative(observation["data"], f"{path}.data", "An event count")
    for name in widths:
        raise RefusedError(f'The channel "{name}" has no observation.', path="observations")


def _check_parameters(parameters: list[dict[str, Any]], path: str) -> None:
    for index, parameter in enumerate(parameters):
        bounds = parameter.get("bounds", [])
        for position, bound in enumerate(bounds):
            # The published schema means to ask for two numbers, but its limits sit one level
            # too deep and so have no effect.
            if len(bound) != 2 or bound[0] >= bound[1]:
                raise RefusedError(
                    "Bounds are a pair of numbers, the lower one first.",
                    path=f"{path}[{index}].bounds[{position}]",
                )


def _check_length(data: list[float], width: int, path: str, reference: str) -> None:
    if len(data) != width:
        raise RefusedError(f"{len(data)} bins where {reference} has {width}.", path=path)


def _check_not_negative(data: list[float], path: str, what: str) -> None:
    for index, value in enumerate(data):
        if value < 0:
            raise RefusedError(
                f"{what} cannot be negative, this is {value:g}.", path=f"{path}[{index}]"
            )
