"""Tables and pictures as notebooks show them: plain HTML, escaped, without scripts."""

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def page(title: str, note: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A title, a table with a heading per column, and a note below it."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if head else ""
    return f"<div><p><b>{escape(title)}</b></p>{table}<p>{escape(note)}</p></div>"


class Plots:
    """Figures by name, each a method that draws it; `repr` lists the question that each one answers."""

    def __init__(self, drawn: dict[str, tuple[Callable[..., "Figure"], Callable[[], tuple[Any, ...]]]]):
        self._drawn = drawn

    def __getattr__(self, name: str) -> Callable[[], "Figure"]:
        if name.startswith("_") or name not in self._drawn:
            raise AttributeError(f"no figure {name!r}; there are: {', '.join(self._drawn)}")
        draw, look_up = self._drawn[name]

        def figure() -> "Figure":
            return draw(*look_up())

        figure.__name__, figure.__doc__ = name, draw.__doc__
        return figure

    def __dir__(self) -> list[str]:
        return list(self._drawn)

    def __repr__(self) -> str:
        questions = ((draw.__doc__ or "").partition("? ")[0] for draw, _ in self._drawn.values())
        return "\n".join(f".{name}(): {text}?" for name, text in zip(self._drawn, questions, strict=True))
