"""Numbers as spreadsheets write them: with a decimal point or a decimal comma, thousands in groups or not."""

import re
from pathlib import Path

from clusterpact.inputs.mistakes import InputError

POINT, COMMA = ".", ","
PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
WORDS = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)  #: they are numbers, and refused as not finite
MARKED = re.compile(r"(?P<sign>[+-]?)(?P<body>[0-9.,]+)(?P<power>(?:[eE][+-]?[0-9]{1,4})?)")
BLANKS = re.compile(r"(?<=[0-9])[ \u00a0\u202f\u2009'\u2019](?=[0-9]{3}(?![0-9]))")  #: between groups of thousands
GROUPS = r"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"
GROUPED = {mark: re.compile(GROUPS.format(mark=re.escape(mark))) for mark in (POINT, COMMA)}
OTHER = {POINT: COMMA, COMMA: POINT}
EXPECTED = "expected a number in decimal digits, such as 1234.5"


class Numbers:
    """How a table writes its numbers. With commas between columns: plain, with a decimal point. Else one mark in all of it.

    What a cell says of the mark: `0,15` has a comma, `0.15` a point, `1.234,5` a comma. `1.234` and `1,234` say nothing by
    themselves: they are read as the others are, and are a mistake where no other cell tells.
    """

    def __init__(self, path: Path, has_marks: bool):
        self.path = path
        self.has_marks = has_marks
        self.mark = ""
        self.seen = ""  #: the cell that told the mark

    @property
    def mark_in_words(self) -> str:
        """The mark as people call it."""
        return "decimal comma" if self.mark == COMMA else "decimal point"

    def add(self, line: int, column: str, cell: str) -> None:
        """Take in what a cell says of the decimal mark; raises InputError where another cell says otherwise."""
        mark = _mark_of(cell) if self.has_marks else ""
        if mark and self.mark and mark != self.mark:
            expected = f"expected one decimal mark in the whole table, found {self.seen} too"
            raise InputError(f"{self.path}:{line}", column, cell, expected)
        if mark and not self.mark:
            self.mark, self.seen = mark, f"{cell!r} in line {line}"

    def plain(self, line: int, column: str, cell: str) -> str:
        """The cell as a number with a decimal point and no groups; raises InputError for what is no number."""
        text = BLANKS.sub("", cell) if self.has_marks else cell
        found = MARKED.fullmatch(text)
        if self.has_marks and found and set(found["body"]) & {POINT, COMMA}:
            if not self.mark:
                expected = "may be a fraction or thousands; expected it without a mark between thousands"
                raise InputError(f"{self.path}:{line}", column, cell, expected)
            whole, mark, fraction = found["body"].partition(self.mark)
            group = OTHER[self.mark]
            if group not in whole or GROUPED[group].fullmatch(whole):
                whole = whole.replace(group, "")
            text = f"{found['sign']}{whole}{POINT if mark else ''}{fraction}{found['power']}"
        if not PLAIN.fullmatch(text) and not WORDS.fullmatch(text):
            raise InputError(f"{self.path}:{line}", column, cell, EXPECTED)
        return text


def _mark_of(cell: str) -> str:
    """The decimal mark that a cell tells, blank if it tells none."""
    found = MARKED.fullmatch(BLANKS.sub("", cell))
    if not found:
        return ""
    body = found["body"]
    marks = [mark for mark in (POINT, COMMA) if mark in body]
    if len(marks) == 2:
        return max(marks, key=body.rindex)
    if not marks:
        return ""
    mark = marks[0]
    if GROUPED[mark].fullmatch(body):
        return OTHER[mark] if body.count(mark) > 1 else ""
    return mark if body.count(mark) == 1 else ""
