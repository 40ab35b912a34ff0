"""Tables that can be read on a phone: every cell carries the heading of its column, which is shown beside it there."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(td|th)\b")


def labelled(table: "Markup") -> "Markup":
    """The rows of a table, in HTML that was escaped, with the heading of its column as `data-label` of every cell."""
    from markupsafe import Markup

    head, end, body = str(table).partition("</thead>")
    labels = [" ".join(text.split()) for text in HEADING.findall(head)]

    def with_labels(row: re.Match[str]) -> str:
        rest = iter(labels)
        return CELL.sub(lambda cell: f'<{cell[1]} data-label="{next(rest)}"', row[0])

    return Markup(head + end + ROW.sub(with_labels, body))
