"""`sslab schema`: the JSON Schemas of a site file, for editors, and of a result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from sslab.catalogue.loading import load_contracts, settings_model
from sslab.repository import repository_root
from sslab.results.record import json_schema as json_schema_of_result
from sslab.site.schema import Node, json_schema


def schema(
    of: Annotated[
        Literal["site", "result"],
        typer.Argument(help="site: a site file; result: the record of a smoke test."),
    ] = "site",
) -> None:
    """Print the JSON Schema of a site file, with which editors complete and check one.

    Example: [bold]sslab schema > schema/site.json[/bold]

    Example: [bold]sslab schema result > schema/result.json[/bold]
    """
    found = json_schema_of_result() if of == "result" else editor_schema(repository_root())
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def editor_schema(repository: Path) -> Node:
    """Return the schema of a site file with the repository's patterns and their settings.

    Raises ContractError where a pattern's contract is wrong.
    """
    site = json_schema()
    patterns = {
        name: {**_settings(repository, name), "title": each.title, "description": each.summary}
        for name, each in load_contracts(repository).items()
    }
    site["properties"]["patterns"] = {
        "title": "Patterns",
        "description": site["properties"]["patterns"]["description"],
        "type": "object",
        "default": {},
        "properties": patterns,
        "additionalProperties": False,
    }
    return {
        "$schema": site.pop("$schema"),
        "$comment": "Made by `sslab schema > schema/site.json`; not to be edited.",
        **site,
        "title": "A site file",
    }


def _settings(repository: Path, pattern: str) -> Node:
    """Return the schema of a pattern's settings; one without any takes `{}` only."""
    model = settings_model(repository, pattern)
    if model is None:
        return {"type": "object", "additionalProperties": False}
    # what the settings define stays inside them, so that no two patterns get in each other's way
    return model.model_json_schema(
        ref_template=f"#/properties/patterns/properties/{pattern}/$defs/{{model}}"
    )
