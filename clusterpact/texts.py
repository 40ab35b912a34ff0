"""Names and sentences in a space of so many cells (a letter of Chinese, Japanese or Korean takes two), and in tables."""

import re

from rich.cells import cell_len

GAP = " … "
#: What a spreadsheet calculates: a text that starts so and goes on, also one that is marked already; wide signs count too.
FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20].", re.DOTALL)
NUMBERS = re.compile(r"[-+]?\d[\d.]*(; [-+]?\d[\d.]*)*")
MARK = "'"
BREAKS = re.compile("[^\\S\u00a0\u2007\u202f]+")  #: white space at which a line may end


def width(text: str) -> int:
    """Cells that a text takes in one line."""
    return cell_len(text)


def padded(text: str, cells: int) -> str:
    """A text that takes exactly so many cells: shortened, or with blanks behind it."""
    text = shortened(text, cells)
    return text + " " * (cells - width(text))


def shortened(text: str, cells: int) -> str:
    """A text in at most so many cells (three at least): of one too long, words at both ends, which tell it from others."""
    if width(text) <= cells:
        return text
    words = _words(text)
    tail: list[str] = []
    while len(words) > 2 and width(" ".join([words[-1], *tail])) <= (cells - len(GAP)) // 3:
        tail.insert(0, words.pop())
    end = GAP + " ".join(tail) if tail else " …"
    head = ""
    for word in words:
        longer = f"{head} {word}".strip()
        if width(longer + end) > cells:
            break
        head = longer
    return head + end if head else _letters(text, cells - 1)[0] + "…"


def wrapped(text: str, cells: int, lines: int | None = None) -> list[str]:
    """A text in lines of at most so many cells (three at least), broken at words; shortened to so many lines."""
    found = _lines(text, cells)
    room = cells * (lines or 0)
    while lines and len(found) > lines:
        found, room = _lines(shortened(text, room), cells), room - 1
    return found


def _lines(text: str, cells: int) -> list[str]:
    found: list[str] = []
    for word in _words(text):
        if found and width(f"{found[-1]} {word}") <= cells:
            found[-1] += f" {word}"
            continue
        while width(word) > cells:
            part, word = _letters(word, cells)
            found.append(part)
        found.append(word)
    return found or [""]


def _words(text: str) -> list[str]:
    """The words of a text; what a no-break space joins is one."""
    return [word for word in BREAKS.split(text) if word]


def _letters(word: str, cells: int) -> tuple[str, str]:
    """The first letters of a word that fit, at least one, and the rest."""
    count = 1
    while count < len(word) and width(word[: count + 1]) <= cells:
        count += 1
    return word[:count], word[count:]


def marked(cell: object) -> object:
    """A cell as a spreadsheet should get it: a text that would be a formula has an apostrophe in front; numbers stay."""
    is_formula = isinstance(cell, str) and FORMULA.match(cell) and not NUMBERS.fullmatch(cell)
    return f"{MARK}{cell}" if is_formula else cell


def unmarked(cell: str) -> str:
    """What a marked cell says."""
    return cell[1:] if cell.startswith(MARK) and FORMULA.match(cell[1:]) else cell
