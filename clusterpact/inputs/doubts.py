"""What is allowed and looks wrong: warnings with stable names, which their author may accept."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Doubt:
    """One line on what looks wrong; `name` says what and where (`scope1:dunkirk-steel`), and is what `accept` takes."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.text} [{self.name}]"


def accepted(found: Iterable[Doubt], patterns: Iterable[str], file: object) -> tuple[Doubt, ...]:
    """The warnings that no pattern of `accept` fits, and one for each pattern that fits none of them."""
    found, left = list(found), []
    fitted: set[str] = set()
    patterns = list(dict.fromkeys(patterns))
    for warning in found:
        fits = [pattern for pattern in patterns if fnmatchcase(warning.name, pattern)]
        fitted.update(fits)
        if not fits:
            left.append(warning)
    unused = (pattern for pattern in patterns if pattern not in fitted)
    return (*left, *(Doubt(f"accept:{p}", f"{file}: accept = {p!r} fits no warning") for p in unused))
