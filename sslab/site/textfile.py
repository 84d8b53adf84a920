"""Reading a file as text, or saying why that cannot be done."""

from __future__ import annotations

import stat
from pathlib import Path

from sslab.site.document import START, Place, place_of
from sslab.site.spelling import closest

MOST_BYTES = 256 * 1024


class UnreadableError(Exception):
    """A file cannot be read, or not beyond a place in it."""

    def __init__(self, problem: str, remedy: str, place: Place = START) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.place = place


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file of at most MOST_BYTES. Raises UnreadableError."""
    data = _read_bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("the file is written in UTF-16", "save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnreadableError(
            "the file starts with a byte-order mark", 'save it as UTF-8 without one ("no BOM")'
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise UnreadableError(
            "the file is not UTF-8 from here on",
            "save it as UTF-8",
            place_of(before, len(before)),
        ) from None


def _read_bytes(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnreadableError("this is a directory", "name the files in it")
        if not stat.S_ISREG(mode):  # opening a pipe would wait for its other end
            raise UnreadableError("this is not a regular file", "name a YAML file")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UnreadableError("there is no such file", _near(path)) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UnreadableError(
            f"the file cannot be read ({why})", "check its name and its permissions"
        ) from None
    except ValueError:
        raise UnreadableError("this cannot be the name of a file", "check the name") from None
    if len(data) > MOST_BYTES:
        raise UnreadableError(
            f"the file is larger than {MOST_BYTES // 1024} KiB", "keep nothing but facts in it"
        )
    return data


def _near(path: Path) -> str:
    """Return the remedy for a file that does not exist: the neighbour with the nearest name."""
    try:
        neighbours = [each.name for each in path.parent.glob("*.yaml")]
    except OSError:
        neighbours = []
    near = closest(path.name, neighbours)
    return f"did you mean {path.parent / near}?" if near else "check the path"
