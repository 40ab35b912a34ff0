"""Damage to one file: its bytes, its lines, its cells, its keys, or what stands in its place."""

import csv
import io
import json
import os
import random
import re
import shutil
import socket
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz import hostile

Damage = Callable[[random.Random, Path], None]
KEY_VALUE = re.compile(r"^(\s*[\w\"'.-]+\s*=\s*)(.*)$")
ODD_LINES = ("[x]", "[[network]]", "[[policy]]", "[instruments]", "[a.b.c]", "x = 1", "= 1", "accept = ['*']", '"""')
HUGE_BYTES = 3 * 1024**3  #: a file with a hole, which takes no space


def damage(rng: random.Random, path: Path) -> str:
    """Damage a file in one way that fits it; returns the name of the way."""
    ways: list[tuple[float, Damage]] = [(0.6, way) for way in BYTES] + [(0.35, way) for way in PLACES]
    ways += [(3.0, way) for way in BY_SUFFIX.get(path.suffix, ())]
    way = rng.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
    way(rng, path)
    return way.__name__


# --- bytes


def flip(rng: random.Random, path: Path) -> None:
    """Other bytes in a few places."""
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 3, 20)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)


def cut(rng: random.Random, path: Path) -> None:
    """A part of the bytes only."""
    data = path.read_bytes()
    first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    path.write_bytes(rng.choice((data[:first], data[first:last], data[:first] + data[last:])))


def stuff(rng: random.Random, path: Path) -> None:
    """Bytes put in between."""
    data = path.read_bytes()
    at = rng.randrange(len(data) + 1)
    extra = (b"\0", b"\xff\xfe", b"\r", b"\n" * 9, b'"', b"\x1b]0;x\x07", b"\x85", b"\xe2\x80\xa8", rng.randbytes(40))
    path.write_bytes(data[:at] + rng.choice(extra) * rng.choice((1, 1, 2, 500)) + data[at:])


def encode(rng: random.Random, path: Path) -> None:
    """Another encoding, or other ends of lines."""
    text = path.read_bytes().decode("utf-8", "replace")
    coded = [text.encode(name, "replace") for name in ("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-32", "cp037")]
    coded += [text.replace("\n", end).encode() for end in ("\r\n", "\r", "\n\n", "\n\r")]
    path.write_bytes(rng.choice(coded))


# --- what stands in the place of a file


def missing(rng: random.Random, path: Path) -> None:
    """Nothing there."""
    path.unlink()


def empty(rng: random.Random, path: Path) -> None:
    """No bytes, or blank ones."""
    path.write_bytes(rng.choice((b"", b"\n", b" ", b"\xef\xbb\xbf", b"#")))


def other_kind(rng: random.Random, path: Path) -> None:
    """A folder, a pipe, a socket, a device, a link to nowhere or to itself."""
    path.unlink()
    kind = rng.choice(("folder", "pipe", "socket", "zero", "full", "nowhere", "itself", "link to a folder"))
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        here = os.open(".", os.O_RDONLY)
        try:  # the name of a socket is short: from within its folder
            os.chdir(path.parent)
            socket.socket(socket.AF_UNIX).bind(path.name)
        finally:
            os.fchdir(here)
            os.close(here)
    else:
        aims = {"zero": "/dev/zero", "full": "/dev/full", "nowhere": "no/such", "itself": path.name, "link to a folder": "."}
        path.symlink_to(aims[kind])


def huge(rng: random.Random, path: Path) -> None:
    """Three gigabytes of nothing behind it."""
    os.truncate(path, HUGE_BYTES)


def swapped(rng: random.Random, path: Path) -> None:
    """Another file of the folder in its place."""
    others = sorted(p for p in path.parent.iterdir() if p.is_file() and p != path and p.stat().st_size < 10**7)
    if others:
        shutil.copyfile(rng.choice(others), path)


def copied(rng: random.Random, path: Path) -> None:
    """Its content under a name that is nearly its own."""
    names = (path.name.replace("-", "_"), path.name.upper(), f"{path.name}.bak", f"copy of {path.name}", "\x1b[1m.csv")
    name = rng.choice(names)
    if name != path.name:
        shutil.copyfile(path, path.with_name(name))


# --- lines of TOML


def toml_line(rng: random.Random, path: Path) -> None:
    """One line: another value or key, gone, twice, in another table, or a line of nonsense."""
    lines = path.read_text("utf-8", "replace").split("\n")
    keyed = [k for k, line in enumerate(lines) if KEY_VALUE.match(line)]
    if not keyed:
        return stuff(rng, path)
    k = rng.choice(keyed)
    found = KEY_VALUE.match(lines[k])
    assert found
    way = rng.randrange(9)
    if way < 5:
        lines[k] = found[1] + hostile.toml_value(rng, found[2])
    elif way == 5:
        line = lines[k]
        lines[k] = rng.choice(("", f"{line}\n{line}", line.replace("_", "-", 1), line[1:], f"x{line}"))
    elif way == 6:
        deep = ".".join("a" * rng.choice((3, 50_000)))
        lines.insert(k, rng.choice((*ODD_LINES, f"{deep} = 1", f"[{deep}]")))
    elif way == 7:
        j = rng.choice(keyed)
        lines[k], lines[j] = lines[j], lines[k]
    else:
        tables = [j for j, line in enumerate(lines) if line.startswith("[")]
        if tables:
            j = rng.choice(tables)
            lines[j] = rng.choice(("", lines[j].replace("[[", "[").replace("]]", "]"), f"[{lines[j]}]", lines[j].upper()))
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace", newline="")
    return None


# --- cells of CSV


def csv_cells(rng: random.Random, path: Path) -> None:
    """A cell, a row or a column: other, gone, twice, shifted; or other separators and decimal marks."""
    text = path.read_text("utf-8", "replace")
    comments = [line for line in text.split("\n") if line.startswith("#")]
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    separator = max(",;\t", key=body.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=separator) if row]
    except csv.Error:
        return flip(rng, path)
    if not rows:
        return stuff(rng, path)
    rows, separator = _changed(rng, rows, separator)
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=separator, lineterminator=rng.choice(("\n", "\r\n"))).writerows(rows)
    lines = [*comments, sink.getvalue()] if rng.random() < 0.5 else [sink.getvalue(), *comments]
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace", newline="")
    return None


def _changed(rng: random.Random, rows: list[list[str]], separator: str) -> tuple[list[list[str]], str]:
    """Rows of a table with one thing changed, and the separator to write them with."""
    way = rng.randrange(14)
    r, c = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
    width = range(len(rows[0]))
    if way < 6:
        r = rng.randrange(min(1, len(rows) - 1), len(rows))
        if c < len(rows[r]):
            rows[r][c] = hostile.number(rng, rows[r][c])
    elif way == 6:
        rows[0][c] = hostile.text(rng)
    elif way == 7:
        rows = rng.choice((rows[:r] + rows[r + 1 :], [*rows, rows[r]], [rows[0], *reversed(rows[1:])], rows[:1], rows[1:]))
    elif way == 8:
        rows = [row[:c] + row[c + 1 :] for row in rows]
    elif way == 9:
        rows = [[*row, row[c] if c < len(row) else ""] for row in rows]
    elif way == 10:
        order = sorted(width, key=lambda _: rng.random())
        rows = [[row[k] if k < len(row) else "" for k in order] for row in rows]
    elif way == 11:
        for row in rows[1:]:
            if c < len(row):
                row[c] = rng.choice(("", row[c].replace(".", ","), f"{row[c]}000", f" {row[c]} "))
    elif way == 12:
        separator = rng.choice(";\t,|")
        rows = [rows[0], *([cell.replace(".", ",") for cell in row] for row in rows[1:])]
    else:
        rows = rng.choice((rows * 300, [*rows, []], [[], *rows], [row[:c] for row in rows], [rows[0] * 400, *rows[1:]]))
    return rows, separator


# --- leaves of JSON


def _leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value stands, of branches too."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from _leaves(value, (*path, key))


def json_leaf(rng: random.Random, path: Path) -> None:
    """A value or a key: other, gone, new."""
    try:
        data = json.loads(path.read_bytes())
    except ValueError:
        return flip(rng, path)
    places = list(_leaves(data))
    if not places:
        path.write_text(json.dumps(hostile.json_value(rng)))
        return None
    *branch, last = rng.choice(places)
    holder = data
    for key in branch:
        holder = holder[key]
    way = rng.randrange(8)
    if way < 6:
        holder[last] = hostile.json_value(rng, holder[last])
    elif way == 6:
        del holder[last]
    elif isinstance(holder, dict):
        holder[hostile.text(rng)] = holder[last]
    else:
        holder.append(holder[last])
    path.write_text(json.dumps(data))
    return None


# --- columns of Parquet


def parquet_column(rng: random.Random, path: Path) -> None:
    """A column: gone, of another type, empty, of nonsense; or no rows, or twice the rows."""
    try:
        held = pq.read_table(path)
    except (pa.ArrowException, OSError):
        return flip(rng, path)
    if not held.num_columns:
        return None
    k = rng.randrange(held.num_columns)
    name, count = held.schema.names[k], len(held)
    way = rng.randrange(6)
    if way == 0:
        held = held.drop_columns([name])
    elif way == 1:
        held = held.set_column(k, name, pa.nulls(count, held.schema.field(k).type))
    elif way == 2:
        held = held.set_column(k, name, pa.array([hostile.text(rng).replace("\ud800", "")] * count))
    elif way == 3:
        odd = float(rng.choice(("nan", "inf", "-1", "1e308", "0")))
        held = held.set_column(k, name, pa.array([odd] * count, pa.float64()))
    else:
        held = held.slice(0, 0) if way == 4 else pa.concat_tables([held, held])
    pq.write_table(held, path)
    return None


# --- members of a workbook or an archive


#: What an archive that was damaged before raises: by its table, its data, its flags, its method.
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


def zip_member(rng: random.Random, path: Path) -> None:
    """A member of a zip file: damaged, gone, or far too large."""
    try:
        with zipfile.ZipFile(path) as source:
            members = {name: source.read(name) for name in source.namelist()}
    except UNREADABLE:
        return flip(rng, path)
    if not members:
        return flip(rng, path)
    name = rng.choice(sorted(members))
    way = rng.randrange(4)
    if way == 0:
        del members[name]
    elif way == 1:
        data = bytearray(members[name] or b"\0")
        data[rng.randrange(len(data))] = rng.randrange(256)
        members[name] = bytes(data)
    elif way == 2:
        members[name] = members[name].replace(b"<row", b"<row " * 2, 1).replace(b'r="A1"', b'r="XFD1048576"', 1)
    else:
        members[name] += b" " * rng.choice((10, 50_000_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as sink:
        for member, data in members.items():
            sink.writestr(member, data)
    return None


BYTES: tuple[Damage, ...] = (flip, cut, stuff, encode)
PLACES: tuple[Damage, ...] = (missing, empty, other_kind, huge, swapped, copied)
BY_SUFFIX: dict[str, tuple[Damage, ...]] = {
    ".toml": (toml_line,), ".csv": (csv_cells,), ".json": (json_leaf,), ".parquet": (parquet_column,),
    ".xlsx": (zip_member,),
}  # fmt: skip
