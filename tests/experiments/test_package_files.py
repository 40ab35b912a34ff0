"""A package that lies in a file of its own, such as a found one, is run by naming the file among the policies."""

import json

import pytest

import clusterpact as cp
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.variant import load_variant
from clusterpact.inputs import InputError
from tests.commands import call

FOUND = 'name = "found-01"\ntitle = "found-01"\ngrant_share = { schedule = [[2030, 0.4]] }\nlock_in = 0.5\n'
FILE = """base = "dunkirk"
name = "mine"
policies = ["current-policies", "packages/found-01.toml", "pact"]
[[policy]]
name = "waits"
base = "found-01"
grant_share = { value = 0.4, when = "abated_share >= 0.2" }
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a package of its own and an experiment that names it; the working folder is another one."""
    (tmp_path / "study" / "packages").mkdir(parents=True)
    (tmp_path / "study" / "packages" / "found-01.toml").write_text(FOUND, encoding="utf-8")
    (tmp_path / "study" / "mine.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path


def names(experiment):
    return [policy.name for policy in experiment.policies]


def test_a_file_among_the_policies_is_one_of_them_and_others_build_on_it(place):
    found = load_experiment(str(place / "study" / "mine.toml"))
    assert names(found) == ["current-policies", "found-01", "pact", "waits"]
    package, variant = found.policies[1], found.policies[3]
    assert package.schedules == {"grant_share": ((2030, 0.4),), "lock_in": ((0, 0.5),)}
    assert variant.schedules["lock_in"] == ((0, 0.5),)
    assert str(variant.signals["grant_share"]) == "abated_share >= 0.2"
    written = load_variant("dunkirk", packages=[place / "study" / "packages" / "found-01.toml"])
    assert next(one for one in written.policies if one.name == "found-01") == package


def test_an_experiment_that_builds_on_it_finds_the_file_from_anywhere(place):
    (place / "elsewhere" / "next.toml").write_text(
        'base = "../study/mine.toml"\nname = "next"\nruns = 7\n', encoding="utf-8"
    )
    found = load_experiment("next.toml")
    assert found.policies == load_experiment(str(place / "study" / "mine.toml")).policies


def test_the_command_line_and_python_name_a_file_from_where_they_are(place, capsys):
    file = "../study/packages/found-01.toml"
    given = load_experiment("dunkirk", policies=["current-policies", file])
    assert names(given) == ["current-policies", "found-01"]
    assert given.id == load_variant("dunkirk", policies=["current-policies", file]).id
    assert given.id == load_experiment("dunkirk", [f'policies=["current-policies", "{file}"]']).id
    assert [one.name for one in cp.experiment("dunkirk", policies=["pact", file]).policies] == ["pact", "found-01"]
    assert call("run", "dunkirk", "--policy", "pact", "--policy", file, "--runs", 2, "--dry-run") == 0
    assert "2 policies x 2 runs" in capsys.readouterr().out


def test_show_says_what_is_in_a_file_also_what_waits(place, capsys):
    file = place / "study" / "packages" / "found-01.toml"
    assert call("show", file) == 0
    told = capsys.readouterr().out
    assert told.startswith("policy found-01\n")
    assert "grant_share: before 2030: as the law of the place; 0.4 from 2030" in told
    file.write_text(FOUND + 'monitoring = { value = 0.4, when = "reversals > 1" }', encoding="utf-8")
    assert call("show", file, "--json") == 0
    assert json.loads(capsys.readouterr().out)["policy"]["monitoring"] == {"value": 0.4, "when": "reversals > 1"}
    assert call("show", place / "study" / "mine.toml") == 2
    assert "is a key of an experiment; expected the file of a package" in capsys.readouterr().err
    assert call("show", place / "none.toml") == 2
    assert "no such name" in capsys.readouterr().err


MISTAKES = {
    "a file that is not there": ("packages/found-02.toml", "found-02.toml", ""),
    "a package with a mistake": ("packages/wrong.toml", "wrong.toml", "grant_share = 7"),
    "a package without a name": ("packages/wrong.toml", "wrong.toml", "grant_share = 0.4"),
    "an unknown instrument": ("packages/wrong.toml", "wrong.toml", 'name = "x"\ngrant_shares = 0.4'),
    "a name of the library": ("packages/wrong.toml", "is a policy of the library", 'name = "pact"\ngrant_share = 0.4'),
    "no package at all": ("packages/wrong.toml", "wrong.toml", "["),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_line_that_names_the_file(place, case, capsys):
    name, words, text = MISTAKES[case]
    (place / "study" / "packages" / "wrong.toml").write_text(text, encoding="utf-8")
    path = place / "study" / "mine.toml"
    path.write_text(FILE.replace("packages/found-01.toml", name).replace('base = "found-01"', 'base = "pact"'),
                    encoding="utf-8")  # fmt: skip
    assert call("validate", path) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    with pytest.raises(InputError, match=words):
        load_experiment("dunkirk", policies=["current-policies", str(place / "study" / name)])


def test_a_file_twice_or_beside_a_variant_of_its_name_is_a_mistake(place):
    path = place / "study" / "mine.toml"
    path.write_text(FILE.replace('"pact"]', '"packages/found-01.toml"]'), encoding="utf-8")
    with pytest.raises(InputError, match="twice"):
        load_experiment(str(path))
    path.write_text(FILE.replace('name = "waits"\nbase = "found-01"', 'name = "found-01"'), encoding="utf-8")
    with pytest.raises(InputError, match="defined twice"):
        load_experiment(str(path))
