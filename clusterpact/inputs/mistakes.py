"""A mistake in one clear line: file, key, value, what was expected, and the nearest known name."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clusterpact.inputs.text import shown

MOST_MISTAKES = 100  #: that are looked for at once
LONGEST_PATH = 300  #: letters of a file's name in a line


class InputError(ValueError):
    """A mistake in what a user wrote; its text is one line that says where and what is expected.

    file, key: where it is, as given. others: mistakes that were found with it, each of which stands by itself.
    """

    def __init__(self, file: object, key: str, value: object, expected: str, known: Iterable[str] = ()):
        self.file, self.key, self.value = file, key, value
        self.expected = f"{expected}{nearest(value if known else None, known)}"
        self.others: tuple[InputError, ...] = ()
        name = str(file)
        where = f"{name if len(name) <= LONGEST_PATH else '...' + name[-LONGEST_PATH:]}: " if name else ""
        given = "" if value is None else f" = {short(value)}"
        place = key if key.isprintable() and len(key) <= 100 else short(key)
        text = f"{where}{place}{given}: {self.expected}"
        super().__init__(shown(" ".join(text.split("\n"))))

    def __reduce__(self) -> tuple[Callable[..., "InputError"], tuple[type["InputError"], str]]:
        """From process to process it goes as its line."""
        return _again, (type(self), str(self))

    def moved(self, file: object, key: str) -> "InputError":
        """The same mistake, said of another file and key."""
        return InputError(file, key, self.value, self.expected)


def _again(kind: type[InputError], line: str) -> InputError:
    """A mistake of which the line is known."""
    error = kind.__new__(kind, line)
    error.file, error.key, error.value, error.expected, error.others = "", "", None, line, ()
    return error


class Mistakes:
    """Mistakes of checks that do not hang on each other: each is found, and all are raised as one."""

    def __init__(self) -> None:
        self.found: list[InputError] = []

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A check that others go on after, whatever it finds."""
        try:
            yield
        except InputError as mistake:
            self.found += [mistake, *mistake.others]
        if len(self.found) >= MOST_MISTAKES:
            self.tell()

    def tell(self) -> None:
        """Raise the first mistake with the others beside it, if there is one."""
        if self.found:
            first = self.found[0]
            first.others = tuple(self.found[1:MOST_MISTAKES])
            raise first from None


def _as_written(value: object) -> object:
    """A value as its author wrote it: lists, not tuples."""
    return [_as_written(item) for item in value] if isinstance(value, tuple) else value


def short(value: object) -> str:
    """A value on one line of at most 80 letters."""
    value = _as_written(value)
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # a whole number with more digits than Python writes out
        text = "a number of very many digits"
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."


def nearest(name: object, known: Iterable[str]) -> str:
    """'; did you mean …?' for the known name nearest to a wrong one, or the list of all if none is near."""
    names = list(known)
    if name is None or not names:
        return ""
    close = difflib.get_close_matches(str(name)[:200], names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def at_home(path: str | Path, key: str, file: object = "") -> Path:
    """The path, a `~` at its start replaced by the home folder that it stands for; raises InputError if there is none."""
    text = str(path)
    try:
        return Path(text).expanduser() if text.startswith("~") else Path(path)
    except RuntimeError:
        raise InputError(file, key, text, "no such home folder; expected ~ or the name of a user behind it") from None


def usable_path(path: str | Path, key: str, file: object = "") -> Path:
    """The path, `~` expanded, if the system can look it up (it may not exist)."""
    path = at_home(path, key, file)
    try:
        path.exists()
        str(path).encode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a name that files can have"
        raise InputError(file, key, str(path), f"cannot be used as a path ({reason})") from None
    return path
