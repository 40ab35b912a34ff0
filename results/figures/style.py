"""What all figures share: colours, panels of a fixed size, texts that fit, headings and notes, and how they are kept."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, PercentFormatter, ScalarFormatter

from clusterpact.files import write_atomically
from clusterpact.results.about import About
from clusterpact.results.figures.letters import UNSHOWN
from clusterpact.results.language import _, written
from clusterpact.texts import wrapped

#: Okabe and Ito (2008), colour-blind safe.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
FONT = "DejaVu Sans"  #: comes with Matplotlib
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.formatter.useoffset": False, "text.parse_math": False,
}  # fmt: skip
PLACEHOLDERS = "Last Resort High-Efficiency"  #: a font of Matplotlib's: a box for every letter
PAGE = 9.54  #: inches; a figure is shown at 100 px an inch, and no figure is wider: what is shrunk is not read
SMALLEST = 7  #: points of the smallest letters: 9.7 px
CELL = 0.6  #: width of a letter of the usual font, in its size; of a bold one a tenth more
LETTER = 0.545  #: mean width of a letter in a line of words, in its size
#: How a PNG is written: in two thirds of the time as small as at the usual level.
PNG: Any = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}}
BOXES = "Glyph .* missing|Matplotlib currently does not support"  #: what Matplotlib warns of, letter by letter


class Numbers(ScalarFormatter):
    """Numbers along an axis as the language that is spoken when a figure is drawn writes them."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return written(super().__call__(x, pos))


class Shares(PercentFormatter):
    """Shares along an axis in percent, as the language that is spoken when a figure is drawn writes them."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return _("{share} %").format(share=written(super().__call__(x, pos)))


class Picture(Figure):
    """A figure that reads no text as markup, and has a font for every letter that any installed font has."""

    def draw(self, renderer: Any) -> None:
        """Draw it; texts keep what they say, since names may hold dollars and backslashes."""
        for axes in self.axes:
            axes.get_xticklabels(), axes.get_yticklabels()
        texts = [text for text in self.findobj(Text) if isinstance(text, Text)]
        families, unshown = fonts_for(frozenset("".join(text.get_text() for text in texts)) - {"\n"})
        UNSHOWN.update(unshown)
        with mpl.rc_context(STYLE | {"font.family": families}), _silence():
            for text in texts:
                text.set_parse_math(False)
                text.set_fontfamily(families)
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        picture = io.BytesIO()
        self.savefig(picture, format="png", **PNG)
        return picture.getvalue()


@contextmanager
def _silence() -> Iterator[None]:
    """Without a warning per letter that no font has, and a line per font that has no bold letters."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", BOXES)
            yield
    finally:
        log.setLevel(level)


@cache
def fonts_for(letters: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """Names of installed fonts, the usual one first, that have these letters between them; and letters that none has."""
    private = frozenset(letter for letter in letters if category(letter) == "Co")  # each font means something else by it
    families, missing = [FONT], letters - private - _letters_of(FONT)
    others = sorted({entry.name for entry in fontManager.ttflist} - {PLACEHOLDERS}) if missing else []
    while missing and others:
        best = max(others, key=lambda name: len(missing & _letters_of(name)))
        if not missing & _letters_of(best):
            break
        families.append(best)
        missing -= _letters_of(best)
    return families, missing | private


@cache
def _letters_of(family: str) -> frozenset[str]:
    """The letters that a font can draw; none of one that Matplotlib cannot read or scale."""
    try:
        font = get_font(findfont(FontProperties(family=[family])))
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()


def fitted(text: str, inches: float, points: float, lines: int | None = 1) -> str:
    """A text of a size in lines of a width; shortened with an ellipsis at a word where it takes more lines than that."""
    return "\n".join(wrapped(text, max(3, int(inches * 72 / (CELL * points))), lines))


def legend_width(names: list[str], points: float, least: float) -> float:
    """Inches of a legend whose names have letters of a size, with room for its marks; no less than `least`."""
    return max(least, 0.5 + LETTER * points / 72 * max(map(len, names), default=0))


def panels(
    rows: int,
    columns: int,
    panel: tuple[float, float],
    left: float = 0.75,
    right: float = 0.25,
    gap: float = 0.3,
    **options: Any,
) -> tuple[Picture, Any]:
    """Panels of a size, with margins left and right, all in inches (fixed margins draw three times faster than fitted)."""
    above, below = 0.75, 0.65
    width = left + right + columns * panel[0] + (columns - 1) * gap
    height = above + below + rows * panel[1] + (rows - 1) * 2 * gap
    with mpl.rc_context(STYLE):
        figure = Picture(figsize=(width, height))
        axes = figure.subplots(rows, columns, squeeze=False, **options)
        for scale in (scale for one in axes.flat for scale in (one.xaxis, one.yaxis)):
            scale.set_major_formatter(Numbers())
            scale.isDefault_majfmt = True  # names along an axis take its place
    figure.subplots_adjust(
        left / width, below / height, 1 - right / width, 1 - above / height, gap / panel[0], 2 * gap / panel[1]
    )
    return figure, axes


def title(axis: Any, text: str, points: float = 11, lines: int = 2) -> None:
    """A title above a panel, no wider than it."""
    inches = axis.get_position().width * axis.figure.get_figwidth()
    axis.set_title(fitted(text, inches, points, lines), fontsize=points, loc="left", y=1.0)  # given: no looking for room


def keep(figure: Figure, path: Path) -> Path:
    """Write a figure as a picture (.png or .svg, by its name), whole or not at all, in a folder that is made if need be."""
    write_atomically(path, picture_of(figure, path.suffix[1:]))
    return path


def picture_of(figure: Figure, kind: str) -> bytes:
    """A figure as the bytes of a picture, png or svg: the same ones each time. Letters of an SVG are shapes, not markup."""
    picture = io.BytesIO()
    options = PNG if kind == "png" else {"metadata": {"Date": None, "Creator": None}}
    with mpl.rc_context({"svg.hashsalt": "clusterpact", "svg.fonttype": "path"}):
        figure.savefig(picture, format=kind, **options)
    return picture.getvalue()


def share_width(columns: int, left: float, right: float, gap: float, most: float = 4.0) -> float:
    """Width of each of so many panels side by side in a figure as wide as a page, at most `most` inches."""
    return min(most, (PAGE - left - right - (columns - 1) * gap) / columns)


def years(axis: Any, first: int, last: int) -> None:
    """A horizontal axis of whole years, from the first to the last."""
    room = 0.12 * (last - first) if last - first < 4 else 0.0  # else labels of panels side by side touch
    axis.set_xlim(first - room, last + room)
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter("{x:.0f}")


def shares(scale: Any) -> None:
    """An axis of shares, in percent."""
    scale.set_major_formatter(Shares(1, symbol=None))


def say(axis: Any, text: str) -> None:
    """Words in the middle of a panel that has nothing to show."""
    axis.text(0.5, 0.5, text, transform=axis.transAxes, ha="center", va="center", fontsize=8, color="#555555")


def frame(figure: Figure, question: str, note: str) -> float:
    """The question above a figure, and below it what it rests on; the figure grows where they take more than one line.

    Returns the share of its height that the note takes at the bottom.
    """
    width, height = figure.get_size_inches()
    question, note = (fitted(text, width - 0.15, points, None) for text, points in ((question, 14.3), (note, 8)))
    above, below = 0.22 * question.count("\n"), 0.14 * note.count("\n")
    taller = height + above + below
    for axis in figure.axes:
        left, bottom, wide, high = axis.get_position(original=True).bounds
        axis.set_position((left, (bottom * height + below) / taller, wide, high * height / taller))
    figure.set_size_inches(width, taller)
    figure.text(0.01, 1 - 0.1 / taller, question, ha="left", va="top", fontsize=13, fontweight="bold")
    figure.text(0.01, 0.08 / taller, note, ha="left", va="bottom", fontsize=8, color="#555555")
    return float((0.17 + below) / taller)


def sign(figure: Figure, about: About, question: str, runs: int) -> float:
    """The question above a figure of a result, and below it the result's title, runs and id."""
    return frame(figure, question, signature(about, runs))


def signature(about: About, runs: int) -> str:
    """What a figure of a result rests on: its title, runs and id."""
    text = _("{title} · {runs} runs per policy · result {id}")
    return text.format(title=_(about.title), runs=written(f"{runs:,}"), id=about.id)
