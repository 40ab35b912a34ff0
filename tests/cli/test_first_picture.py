"""The picture of the README is told in words and numbers, which are of this code."""

import pytest

from docs import first_picture, score_pictures

TEXT = first_picture.README.read_text(encoding="utf-8")


def test_the_picture_is_told_in_numbers():
    (image,) = first_picture.IMAGE.findall(TEXT)
    assert image.count(" %") >= 9
    assert all(title in image for title in first_picture.TOLD.values())


def test_its_text_is_written_in_place():
    other = first_picture.described(TEXT, "What holds Dunkirk back: nothing")
    assert "![What holds Dunkirk back: nothing](docs/pictures/gates.png)" in other
    assert first_picture.described(other, first_picture.IMAGE.findall(TEXT)[0][2:].partition("]")[0]) == TEXT


@pytest.mark.slow
def test_the_numbers_in_words_are_of_this_code(tmp_path):
    said = first_picture.words(first_picture.measured(tmp_path / "dunkirk"))
    assert first_picture.described(TEXT, said) == TEXT, "run: make picture"


def test_the_scores_of_the_past_are_told_in_numbers():
    dunkirk, nrw, projects = score_pictures.pictures().splitlines()
    assert dunkirk.startswith("![Dunkirk set back to 2013: 2014-2019 6 of 6 years inside the band of 90 % of runs, skill")
    assert nrw.endswith("(pictures/score-nrw-2013.png)")
    assert "1 % given, 28 % happened (40 events)" in projects
