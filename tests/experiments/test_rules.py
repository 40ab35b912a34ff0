"""Theories by name in an experiment: checked, part of its id, kept in its manifest, said where its answers are shown."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from tests.commands import call, table_bytes

FILE = 'name = "t"\ncluster = "dunkirk"\nhorizon = [2025, 2040]\nruns = 6\npolicies = ["four-pillars"]\n'


def written(folder, rules):
    path = folder / "t.toml"
    path.write_text(FILE + "[rules]\n" + rules, encoding="utf-8")
    return load_experiment(str(path))


@pytest.mark.parametrize(("rules", "words"), [
    ('choise = "npv"', "rules.choise: unknown decision; did you mean 'choice'?"),
    ('choice = "nvp"', "rules.choice = 'nvp': no such theory; did you mean 'npv'?"),
])  # fmt: skip
def test_a_wrong_name_is_one_line_with_the_nearest(tmp_path, rules, words):
    with pytest.raises(InputError, match=r"t\.toml: rules\.") as error:
        written(tmp_path, rules)
    assert words in str(error.value)


def test_the_usual_theory_by_name_is_the_experiment_as_it_was(tmp_path):
    assert written(tmp_path, 'choice = "logit"').id == written(tmp_path, "").id
    assert written(tmp_path, 'choice = "npv"').id != written(tmp_path, "").id


def test_another_theory_gives_other_numbers_and_reopens_as_it_ran(tmp_path):
    usual, other = tmp_path / "usual", tmp_path / "other"
    run_experiment(written(tmp_path, ""), usual, RunOptions())
    experiment = written(tmp_path, 'choice = "npv"')
    run_experiment(experiment, other, RunOptions())
    assert table_bytes(usual) != table_bytes(other)
    assert read_manifest(other).experiment.rules == {"choice": "npv"}
    assert reopen(other).id == experiment.id
    assert experiment.heading.endswith("choice by npv")


def test_list_rules_names_every_decision_and_theory(capsys):
    assert call("list", "rules") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("choice", "npv", "votes", "interest", "adoption", "solitary"))


def test_a_manifest_with_an_unknown_theory_is_one_line(tmp_path):
    folder = tmp_path / "r"
    run_experiment(written(tmp_path, 'choice = "npv"'), folder, RunOptions())
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"npv"', '"nvp"'))
    with pytest.raises(InputError, match=r"manifest\.json: rules\.choice = 'nvp': no such theory; did you mean 'npv'\?"):
        reopen(folder)
