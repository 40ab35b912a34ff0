"""Names in a space: shortened at a word, wrapped at words, counted in cells."""

from hypothesis import given
from hypothesis import strategies as st

from clusterpact.texts import padded, shortened, width, wrapped

HUNDRED = "a pact with guarantees and contracts for all plants of the whole region by the sea, variant number 12"


def test_what_fits_stays_as_it_is():
    assert shortened("four-pillars", 12) == "four-pillars"
    assert wrapped("four-pillars and more", 30) == ["four-pillars and more"]


def test_a_long_name_keeps_whole_words_of_both_ends():
    assert shortened(HUNDRED, 40) == "a pact with guarantees and … number 12"
    assert shortened(HUNDRED, 40) != shortened(HUNDRED.replace("12", "13"), 40)


def test_a_word_that_is_too_long_alone_is_cut_within():
    assert shortened("Donaudampfschifffahrtsgesellschaft", 10) == "Donaudamp…"
    assert wrapped("Donaudampfschiff fahrt", 10) == ["Donaudampf", "schiff", "fahrt"]


def test_letters_of_east_asia_take_two_cells():
    assert width("鉄鋼") == 4
    assert shortened("鉄鋼の町の大きな工場", 9) == "鉄鋼の町…"
    assert padded("鉄鋼", 6) == "鉄鋼  "


def test_lines_are_limited():
    lines = wrapped(HUNDRED, 20, 2)
    assert len(lines) == 2
    assert lines == ["a pact with … number", "12"]


@given(st.text(max_size=60), st.integers(3, 40), st.integers(1, 3))
def test_nothing_ever_takes_more_room_than_given(text, cells, lines):
    assert width(shortened(text, cells)) <= cells
    found = wrapped(text, cells, lines)
    assert len(found) <= lines
    assert max(map(width, found)) <= cells
    assert width(padded(text, cells)) == cells
    [whole] = wrapped(text, 1000)
    if lines == 1 and width(whole) <= cells:
        assert found == [whole]
