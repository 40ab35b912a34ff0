"""Texts of figures: names are drawn as they are written, in fonts that have their letters, and cut at words."""

import io
import warnings

import pytest

from clusterpact.results.figures import letters, style
from clusterpact.texts import width

HOSTILE = ["$x^{$", r"\frac{1}{0}$", "_under_", "100 % & <b>bold</b>", "a_b^c", r"\\"]


def saved(figure):
    """Draw a figure with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(io.BytesIO())


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_never_read_as_markup(name):
    figure, axes = style.panels(1, 1, (3, 3))
    axis = axes[0, 0]
    style.title(axis, name)
    [line] = axis.plot([0, 1], [0, 1])
    axis.set_yticks([0, 1], [name, name])
    axis.annotate(name, (0, 0))
    axis.set_xlabel(name)
    legend = axis.legend([line], [name])
    style.frame(figure, name, name)
    saved(figure)
    shown = [*figure.texts, *axis.texts, *axis.get_yticklabels(), *legend.get_texts(), axis.xaxis.label]
    assert {text.get_text() for text in shown} == {name}
    assert not any(text.get_parse_math() for text in shown)


def test_letters_that_no_font_has_are_said_once(monkeypatch):
    monkeypatch.setattr(letters, "UNSHOWN", set())
    monkeypatch.setattr(style, "UNSHOWN", letters.UNSHOWN)
    figure, _ = style.panels(1, 1, (3, 3))
    style.frame(figure, "a\ue123b \ue124", "note")  # letters of private use, which no font has
    saved(figure)
    saved(figure)
    assert letters.note().startswith("figures: no installed font has \ue123 \ue124: shown as boxes")
    assert letters.note() == ""


def test_many_letters_that_no_font_has_are_counted(monkeypatch):
    monkeypatch.setattr(letters, "UNSHOWN", {chr(0xE100 + k) for k in range(20)})
    assert "and 8 more: shown as boxes" in letters.note()


def test_a_font_is_looked_for_that_has_what_the_usual_one_lacks(monkeypatch):
    own = {style.FONT: "abc", "Middle": "鉄x", "Wide": "鉄鋼\ue123", "Other": "z"}
    monkeypatch.setattr(style, "_letters_of", lambda name: frozenset(own.get(name, "")))
    monkeypatch.setattr(style.fontManager, "ttflist", [type("Entry", (), {"name": name}) for name in own])
    style.fonts_for.cache_clear()
    assert style.fonts_for(frozenset("abc")) == ([style.FONT], frozenset())
    assert style.fonts_for(frozenset("ab鉄鋼")) == ([style.FONT, "Wide"], frozenset())
    assert style.fonts_for(frozenset("ax鉄鋼€")) == ([style.FONT, "Middle", "Wide"], frozenset("€"))
    assert style.fonts_for(frozenset("鉄鋼\ue123")) == ([style.FONT, "Wide"], frozenset("\ue123"))  # of private use
    style.fonts_for.cache_clear()


@pytest.mark.parametrize(("first", "last"), [(2049, 2050), (2025, 2050), (2026, 2027), (1990, 2070)])
def test_years_are_whole(first, last):
    figure, axes = style.panels(1, 1, (2.4, 2))
    axes[0, 0].plot([first, last], [1.0, 1.0])
    style.years(axes[0, 0], first, last)
    saved(figure)
    labels = [text.get_text() for text in axes[0, 0].get_xticklabels()]
    assert all(label.isdigit() and len(label) == 4 for label in labels)
    assert len(labels) >= 2
    assert axes[0, 0].xaxis.get_offset_text().get_text() == axes[0, 0].yaxis.get_offset_text().get_text() == ""


def test_a_long_question_and_note_are_wrapped_and_the_figure_grows():
    long = " ".join(["word"] * 80)
    figure, axes = style.panels(1, 1, (3, 3))
    before = axes[0, 0].get_position().height * figure.get_figheight()
    height = figure.get_figheight()
    style.frame(figure, long, long)
    saved(figure)
    assert axes[0, 0].get_position().height * figure.get_figheight() == pytest.approx(before)
    assert figure.get_figheight() > height
    right = figure.get_window_extent().x1
    assert all(text.get_window_extent().x1 <= right for text in figure.texts)


def test_a_title_is_no_wider_than_its_panel():
    figure, axes = style.panels(1, 2, (2.4, 2))
    style.title(axes[0, 0], "a pact with guarantees and contracts for all plants of the whole region by the sea, number 7")
    saved(figure)
    drawn = next(text for text in axes[0, 0].get_children() if "pact" in getattr(text, "get_text", str)())
    assert drawn.get_text().count("\n") == 1
    assert drawn.get_text().endswith("number 7")
    assert drawn.get_window_extent().width <= 1.05 * axes[0, 0].get_window_extent().width
    assert max(map(width, drawn.get_text().split("\n"))) <= 26
