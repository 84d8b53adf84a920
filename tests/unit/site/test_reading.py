import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sslab.site.reading import MOST_NODES, read_document
from sslab.site.scalars import ScalarError, resolve
from sslab.site.textfile import MOST_BYTES

Told = Callable[[bytes], list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Return what is told of a file with the given bytes."""

    def tell(data: bytes) -> list[str]:
        path = tmp_path / "a.yaml"
        path.write_bytes(data)
        return [str(each) for each in read_document(path, "a.yaml")[1]]

    return tell


def told_of(path: Path) -> list[str]:
    return [str(each) for each in read_document(path, "a.yaml")[1]]


def test_a_document_knows_where_its_fields_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b: [x, 1.5]\n  c:\n", encoding="utf-8")
    document, diagnostics = read_document(path, "a.yaml")
    assert diagnostics == ()
    assert document.data == {"a": {"b": ["x", 1.5], "c": None}}
    assert document.value_place(("a", "b", 1)) == (2, 10)
    assert document.key_place(("a", "b")) == (2, 3)
    assert document.value_place(("a", "c")) == (3, 3), "nothing is written: the key"
    assert document.value_place(("a", "d", "e")) == (1, 1), "what is missing: what should hold it"
    assert document.get("a", "b", 7) is None
    assert document.get("a", "b", "x") is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfa: 1\n", "a.yaml:1:1: the file starts with a byte-order mark; save it"),
        ("a: 1".encode("utf-16"), "a.yaml:1:1: the file is written in UTF-16; save it as UTF-8"),
        (b"a: 1\nb: caf\xe9\n", "a.yaml:2:7: the file is not UTF-8 from here on; save it as UTF-8"),
        (b"a: 1\nb: \x07\n", "a.yaml:2:4: the control character U+0007 stands here"),
        (b"a: 1\nb: \x00\n", "a.yaml:2:4: the control character U+0000 stands here"),
        (b"a: 1\rb: 2\n", "a.yaml:1:5: the control character U+000D stands here"),
        ("a: 1 # \u202e\n".encode(), "a.yaml:1:8: the control character U+202E stands here"),
        ("a: \u2028\n".encode(), "a.yaml:1:4: the control character U+2028 stands here"),
        (b'"\\ud800": 1\n', 'a.yaml:1:1: "?": a field\'s name holds control characters'),
        (b'a: "\\ud800"\n', "a.yaml:1:4: a: the value holds the control character U+D800"),
        (b'a: "\\U0011ffff"\n', "a.yaml:1:1: is not YAML; check the quotes and the escapes"),
        (b'a: "\\U99999999"\n', "a.yaml:1:1: is not YAML; check the quotes and the escapes"),
        (b"#" * (MOST_BYTES + 1), "a.yaml:1:1: the file is larger than 256 KiB"),
        (b"a:\n" + b"- x\n" * MOST_NODES, f"a.yaml:{MOST_NODES}:3: the file has more than 5000"),
        (b"a: " + b"[" * 100_000, "a.yaml:1:24: the nesting is deeper than 20 levels"),
        (b"a: " + b"{" * 100_000, "a.yaml:1:24: the nesting is deeper than 20 levels"),
        (b"[" * 100_000, "a.yaml:1:1: the file does not consist of fields"),
        (b"- " * 100_000, "a.yaml:1:1: the file does not consist of fields"),
        (b"", "a.yaml:1:1: the file is empty"),
        (b"---\n...\n", "a.yaml:1:1: the file is empty"),
    ],
)
def test_what_no_file_should_hold(told: Told, data: bytes, expected: str) -> None:
    (line,) = told(data)
    assert line.startswith(expected)


def test_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\r\nb: x\r\n")
    document, diagnostics = read_document(path, "a.yaml")
    assert (document.data, diagnostics) == ({"a": 1, "b": "x"}, ())


def test_a_missing_file_names_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "chicago.yaml").touch()
    assert told_of(tmp_path / "chigaco.yaml") == [
        f"a.yaml:1:1: there is no such file; did you mean {tmp_path}/chicago.yaml?"
    ]
    assert told_of(tmp_path / "x.yaml") == ["a.yaml:1:1: there is no such file; check the path"]


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert told_of(tmp_path) == ["a.yaml:1:1: this is a directory; name the files in it"]
    assert told_of(tmp_path / "pipe.yaml") == [
        "a.yaml:1:1: this is not a regular file; name a YAML file"
    ]
    assert told_of(Path("/dev/zero")) == [
        "a.yaml:1:1: this is not a regular file; name a YAML file"
    ]
    assert (
        "cannot be read (Too many levels of symbolic links)" in told_of(tmp_path / "loop.yaml")[0]
    )
    assert "cannot be read (File name too long)" in told_of(tmp_path / ("x" * 300))[0]
    assert told_of(Path("a\0.yaml")) == [
        "a.yaml:1:1: this cannot be the name of a file; check the name"
    ]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    assert told_of(path) == [
        "a.yaml:1:1: the file cannot be read (Permission denied); "
        "check its name and its permissions"
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("017", "017"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("12:30:45", "12:30:45"),
        ("2026-11-24", "2026-11-24"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize("text", [".nan", ".inf", "-.Inf", "1e999", "9" * 41])
def test_numbers_that_no_field_can_hold(text: str) -> None:
    with pytest.raises(ScalarError):
        resolve(text)
