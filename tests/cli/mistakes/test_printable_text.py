"""Names are printable text: what would steer a terminal is one line, white space of any kind is one blank."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.inputs import InputError, printable, shown
from clusterpact.sim.scenario import read_scenario
from tests.cli.mistakes.edits import CLUSTER, EXPERIMENT, FIRMS, VALIDATE, assert_holds, put
from tests.commands import call

UNSHOWN = {
    "\x1b[31m": "U+001B", "\x07": "U+0007", "\x7f": "U+007F", "\x9b": "U+009B", "\u202e": "U+202E", "\u2066": "U+2066",
    "\u200b": "U+200B", "\u200f": "U+200F", "\ufeff": "U+FEFF", "\u00ad": "U+00AD", "\ue000": "U+E000", "\uffff": "U+FFFF",
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), UNSHOWN.items(), ids=UNSHOWN.values())
def test_a_name_that_does_not_print_is_one_line(text, code, work, complain):
    put(FIRMS, "Lime works", f"Lime{text} works")(work / "region")
    assert_holds(complain(*VALIDATE), ["region/firms.csv:3: name", code])


def test_every_text_of_the_files_must_print(work):
    region = work / "region"
    for file, old, new, key in (
        (CLUSTER, 'title = "', 'title = "\\u001b', "cluster.toml: title"),
        (CLUSTER, 'source = "', 'source = "\\u202e', "source"),
        (EXPERIMENT, 'title = "', 'title = "\\u009b', "experiment.toml: title"),
        (EXPERIMENT, 'name = "pact+guarantee"', 'name = "\\u200b+g"', "policy.name"),
        (EXPERIMENT, 'base = "pact"', 'base = "pact"\ntitle = "\\u0000"', "policy.title"),
        (EXPERIMENT, 'base = "pact"', 'base = "pact"\ndescription = "\\u0007"', "policy.description"),
        (EXPERIMENT, "[targets]", '[windows]\n"a\\u001b" = [2026, 2030]\n[targets]', "windows"),
    ):
        before = (region / file).read_text()
        put(file, old, new)(region)
        with pytest.raises(InputError) as mistake:
            load_experiment(str(region / EXPERIMENT))
        assert_holds(str(mistake.value), [key, "U+00" if "u00" in new else "U+20"])
        assert str(mistake.value).isprintable()
        (region / file).write_text(before)


WHITE = ("\n", "\r\n", "\t", "\u00a0", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", " \n \u3000")


@pytest.mark.parametrize("white", WHITE, ids=[ascii(white).strip("'") for white in WHITE])
def test_white_space_in_a_quoted_cell_is_one_blank_and_breaks_no_row(white, work):
    put(FIRMS, "Lime works", f'"Lime{white}works"')(work / "region")
    names = [plant.name for plant in read_scenario(work / "region").plants]
    assert "Lime works" in names
    assert len(names) == 6


@pytest.mark.parametrize("name", ["Łódź", "Θεσσαλονίκη", "川崎", "می‌خواهم", "👩‍🔬", "a  b", "O'Brien & Söhne"])
def test_names_of_any_script_stay_as_they_are(name, work):
    put(FIRMS, "Lime works", name)(work / "region")
    assert name in [plant.name for plant in read_scenario(work / "region").plants]


def test_text_longer_than_any_note_is_a_mistake():
    assert printable("x" * 20_000) == "x" * 20_000
    with pytest.raises(ValueError, match="20,001"):
        printable("x" * 20_001)


def test_paths_and_surrogates_are_shown_escaped():
    assert shown("a\x1b[2J\u202eb\udcff\n\tc\u200dd") == "a\\x1b[2J\\u202eb\\udcff\n\tc\u200dd"
    assert str(InputError("x\x1b[31m", "k\x07", "v\x9b", "expected\u202e")).isprintable()


def test_a_folder_with_an_escape_in_its_name_prints_no_escape(work, capsys):
    (work / "region").rename(work / "re\x1b[31mgion")
    assert call("validate", "re\x1b[31mgion") == 0
    printed = capsys.readouterr()
    assert "re\\x1b[31mgion: fine." in printed.out
    assert "\x1b" not in printed.out + printed.err


def test_a_line_is_never_longer_than_a_screen(capsys):
    """However long a word or a name is."""
    assert call("validate", "place", "x" * 100_000) == 2
    line = capsys.readouterr().err
    assert line.startswith("clusterpact: ")
    assert len(line) < 1300
