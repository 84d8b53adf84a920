"""A program in the place of Pulumi."""

from pathlib import Path


def laid(folder: Path, script: str) -> Path:
    """Write a shell script that is called as `pulumi`, and return the folder it is in."""
    program = folder / "bin/pulumi"
    program.parent.mkdir()
    program.write_text(script)
    program.chmod(0o755)
    return program.parent
