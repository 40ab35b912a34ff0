"""Files that people write or receive: regular files of a stated size, text in UTF-8, TOML of a bounded depth."""

import io
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from clusterpact.inputs.mistakes import InputError, short

MB = 1_000_000
TOML_LIMIT = MB
TABLE_LIMIT = 64 * MB
REGISTER_LIMIT = 1000 * MB
DEEPEST = 32  #: lists and tables within each other, and parts of a dotted key
KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}
#: What the structure of a TOML file hangs on; strings and comments, closed or not, are taken whole.
TOKEN = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}.,=\n]"
)


def read_bytes(path: Path, limit: int = TABLE_LIMIT) -> bytes:
    """Content of a regular file of at most `limit` bytes; anything else is one line, and nothing waits for a writer."""
    try:
        _check_kind(path, os.stat(path))
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            _check_kind(path, status)
            content = file.read(status.st_size + 1) if status.st_size <= limit else b""  # room for no more than there is
            size = max(status.st_size, len(content))
    except FileNotFoundError:
        problem = "is a link to nothing" if os.path.islink(path) else "not found"
        raise InputError(path, "file", None, problem) from None
    except OSError as error:
        raise InputError(path, "file", None, f"cannot be read ({error.strerror})") from None
    if size > limit:
        raise InputError(path, "file", None, f"holds {_size(size)}; expected at most {_size(limit)}")
    return content


def _check_kind(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "is no regular file")
        raise InputError(path, "file", None, f"{kind}; expected a file")


def _size(count: int) -> str:
    return f"{count / MB:,.1f} MB"


def read_text(path: Path, limit: int = TABLE_LIMIT) -> str:
    """Text of a file in UTF-8, of at most `limit` bytes; line breaks of any system as one sign."""
    return _decoded(path, read_bytes(path, limit), "utf-8-sig")


def read_table_text(path: Path, limit: int = TABLE_LIMIT) -> str:
    """Text of a table: UTF-8, or UTF-16 that begins with its mark, as spreadsheets write it."""
    content = read_bytes(path, limit)
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff")) and not content.startswith(b"\xff\xfe\0\0")
    return _decoded(path, content, "utf-16" if is_wide else "utf-8-sig")


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        save = "'CSV UTF-8'" if path.suffix.lower() in (".csv", ".tsv", ".txt") else "UTF-8"
        what = "not UTF-16 text" if encoding == "utf-16" else "not UTF-8 text"
        raise InputError(path, "file", None, f"{what} (byte {error.start}, line {line}); save it as {save}") from None
    if "\0" in text:
        expected = f"not UTF-8 text (zero byte at {text.index(chr(0))}; UTF-16?); save it as UTF-8"
        raise InputError(path, "file", None, expected)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary; raises InputError for one that is large or deep beyond any use."""
    text = read_text(path, TOML_LIMIT)
    _check_depth(path, text)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(path, "file", None, f"not valid TOML: {short(str(error))}") from None


def _check_depth(path: Path, text: str) -> None:
    """Raise InputError where lists, tables or the parts of a key lie deeper in each other than `DEEPEST`."""
    depth = parts = 0
    for found in TOKEN.finditer(text):
        token = found[0]
        if token == ".":
            parts += 1
        elif token in "[{":
            depth += 1
            parts = 0
        elif token in "]}":
            depth = max(0, depth - 1)
            parts = 0
        elif token in ",=\n":
            parts = 0
        if depth > DEEPEST or parts >= DEEPEST:
            line = f"line {text.count(chr(10), 0, found.start()) + 1}"
            expected = f"not valid TOML here: expected at most {DEEPEST} keys or lists within each other"
            raise InputError(path, line, None, expected)


def is_there(path: Path) -> bool:
    """Whether anything stands at a path, readable or not: a link to nothing is there too."""
    return os.path.lexists(path)


def as_lines(text: str) -> io.StringIO:
    """The lines of a text, each with its line break; no other sign ends one."""
    return io.StringIO(text, newline="\n")
