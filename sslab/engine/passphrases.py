"""The passphrase that encrypts a site's stack: where it is, what it says when it is not right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sslab.engine import secrets_file
from sslab.engine.errors import EngineError

TEXT, FILE = "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"
"""The variables of the environment by which Pulumi gets it; the first one counts."""


def file_of(environment: Mapping[str, str]) -> Path | None:
    """Return the file with the passphrase; None where the environment has the passphrase itself."""
    if TEXT in environment or not environment.get(FILE):
        return None
    return Path(environment[FILE])


def new_one(file: Path) -> Path:
    """Return where the next passphrase is kept while everything is encrypted with it."""
    return file.with_name(f"{file.name}.new")


def stack_before(file: Path) -> Path:
    """Return where the stack's file is kept as it was meanwhile."""
    return file.with_name(f"{file.name}.stack-before")


def forget(file: Path) -> None:
    """Delete a passphrase, and what an interrupted change of it has left."""
    for each in (file, new_one(file), stack_before(file)):
        each.unlink(missing_ok=True)


def told(site: str, configuration: Path, environment: Mapping[str, str]) -> str:
    """Return the passphrase of a site, for whoever has to hand it on.

    Raises EngineError where there is none, or others can read the file.
    """
    provider = secrets_file.provider(configuration)
    if provider is None:
        raise EngineError(
            f"{site} has no encrypted stack yet", remedy=f"`sslab secrets init {site}` makes it"
        )
    if provider != secrets_file.PASSPHRASE:
        raise EngineError(
            f"stacks/{configuration.name} is encrypted by {provider}, without a passphrase",
            remedy="whoever deploys needs access to that key",
        )
    file = file_of(environment)
    if file is None:
        return environment[TEXT]
    if not file.exists():
        raise _missing(configuration, file)
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise EngineError(
            f"{file} can be read by others (mode {mode:o}), and so can every secret of {site}",
            remedy=f"`chmod 600 {file}`; where others have accounts here, then also "
            f"`sslab secrets rotate {site} --passphrase`",
        )
    return file.read_text().strip()


def refusal(said: str, configuration: Path, environment: Mapping[str, str]) -> EngineError | None:
    """Return what Pulumi means where it says that a passphrase is wrong or missing, else None."""
    file = file_of(environment)
    if f"unable to read {FILE}" in said or "passphrase must be set" in said:
        return _missing(configuration, file)
    if "incorrect passphrase" not in said:
        return None
    if file is not None and stack_before(file).exists():
        site = configuration.stem.partition(".")[2]
        return EngineError(
            f"a change of the passphrase of {site} was interrupted",
            remedy=f"`sslab secrets rotate {site} --passphrase` goes on with it; nothing is lost",
        )
    return EngineError(
        f"stacks/{configuration.name} is encrypted with another passphrase than that in "
        f"{file or TEXT}",
        remedy="get the right one from whoever deployed this site last (docs/secrets.md)",
    )


def _missing(configuration: Path, file: Path | None) -> EngineError:
    return EngineError(
        f"stacks/{configuration.name} is encrypted, and its passphrase is not on this machine",
        remedy=f"put it into {file or 'a file'}, readable by you alone, or into {TEXT}; whoever "
        "deployed this site before has it (docs/secrets.md)",
    )
