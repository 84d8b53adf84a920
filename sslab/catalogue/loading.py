"""Loading the patterns' contracts and the models of their settings."""

from __future__ import annotations

import json
import sys
import threading
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from pydantic import BaseModel, ValidationError

from sslab.catalogue.contract import Contract
from sslab.errors import SslabError
from sslab.site.diagnostics import ContractError, Diagnostic
from sslab.site.explanations import explain
from sslab.site.reading import read_document

_LOADING = threading.RLock()
"""Held while a module of settings is loaded: another thread would see it half made."""


def load_contracts(repository: Path) -> dict[str, Contract]:
    """Return the contract of every pattern by its name, sorted.

    Raises ContractError with all that is wrong in any `patterns/*/pattern.yaml`.
    """
    contracts, diagnostics = read_contracts(repository)
    if diagnostics:
        raise ContractError(diagnostics)
    return contracts


def read_contracts(repository: Path) -> tuple[dict[str, Contract], tuple[Diagnostic, ...]]:
    """Return the contracts that are right by name, sorted, and what is wrong in the others."""
    contracts: dict[str, Contract] = {}
    diagnostics: list[Diagnostic] = []
    for path in sorted(repository.glob("patterns/*/pattern.yaml")):
        contract, problems = _read_contract(path, path.relative_to(repository).as_posix())
        diagnostics.extend(problems)
        if contract is not None and not problems:
            contracts[contract.name] = contract
    by_name = dict(sorted(contracts.items()))
    return by_name, tuple(sorted(diagnostics))


def _read_contract(path: Path, shown_as: str) -> tuple[Contract | None, tuple[Diagnostic, ...]]:
    document, problems = read_document(path, shown_as)
    if document.data is None:
        return None, problems
    try:
        contract = Contract.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        return None, (*problems, *explain(document, error, Contract, root="a pattern's contract"))
    folder = path.parent.name
    if contract.name.replace("-", "_") != folder:
        wrong = document.at_value(
            ("name",),
            f'"{contract.name}" is not the name of its folder',
            f"write {folder.replace('_', '-')}, or rename the folder to "
            f"{contract.name.replace('-', '_')}",
        )
        return None, (*problems, wrong)
    return contract, problems


@cache
def settings_model(repository: Path, pattern: str) -> type[BaseModel] | None:
    """Return `Settings` of `patterns/<name>/settings.py`, None where the pattern has no settings.

    The file is loaded by itself: the pattern's component, and with it Pulumi, is not imported.
    Raises SslabError where the file is wrong.
    """
    path = repository / "patterns" / pattern.replace("-", "_") / "settings.py"
    if not path.is_file():
        return None
    name = f"settings of {path.resolve()}"
    with _LOADING:
        if name not in sys.modules:
            spec = spec_from_file_location(name, path)
            assert spec is not None  # a .py file always has one
            assert spec.loader is not None
            module = module_from_spec(spec)
            sys.modules[name] = module  # pydantic looks up the annotations' names there
            try:
                spec.loader.exec_module(module)
            except Exception as error:
                del sys.modules[name]
                raise SslabError(
                    f"{path}: cannot be loaded: {type(error).__name__}: {error}",
                    remedy="mend the pattern's settings",
                ) from error
    model = getattr(sys.modules[name], "Settings", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise SslabError(f"{path}: defines no pydantic model named Settings", remedy="define it")
    return model
