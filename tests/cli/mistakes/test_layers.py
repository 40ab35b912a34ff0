"""Experiments that build on one another: `base`, `--policy` and `--set`, and files that say nothing of what is uncertain."""

import re

import pytest

from clusterpact.experiments.experiment import KNOWN_KEYS, load_experiment
from clusterpact.experiments.layers import experiment_names, settings, varied
from clusterpact.inputs import InputError
from tests.commands import ROOT, call

BARE = 'name = "mine"\ncluster = "dunkirk"\n'


def write(folder, text, name="mine.toml"):
    """An experiment file; returns its path as text."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize("name", experiment_names())
def test_an_experiment_that_only_names_its_base_is_that_experiment(name, tmp_path):
    assert load_experiment(write(tmp_path, f'base = "{name}"\n')).id == load_experiment(name).id


def test_what_a_file_says_is_laid_over_its_base_key_by_key(tmp_path):
    found = load_experiment(write(tmp_path, """base = "dunkirk"
name = "mine"
policies = ["pact", "four-pillars"]
[uncertainty]
capex_level = { uniform = [0.9, 1.2] }
[parameters]
hydrogen_price_level = 0.5
[targets]
2035 = 0.6
"""))  # fmt: skip
    theirs = load_experiment("dunkirk")
    assert found.ensemble.path == theirs.ensemble.path
    assert set(found.uncertainty) == set(theirs.uncertainty) - {"hydrogen_price_level"} | {"capex_level"}
    assert found.parameters == {"hydrogen_price_level": 0.5}
    assert found.targets == {2030: 0.55, 2035: 0.6, 2040: 0.8, 2050: 0.95}
    assert [policy.name for policy in found.policies] == ["pact", "four-pillars"]
    assert found.baseline == "pact"


def test_an_empty_table_empties_that_of_the_base(tmp_path):
    found = load_experiment(write(tmp_path, 'base = "dunkirk"\n[targets]\n'))
    assert found.targets == {}
    assert len(found.uncertainty) > 0


def test_targets_beyond_a_new_horizon_go_unless_they_are_set_with_it():
    assert load_experiment("dunkirk", ["horizon=[2026, 2040]"]).targets == {2030: 0.55, 2040: 0.8}
    with pytest.raises(InputError, match=r"--set targets\.2045 = 0\.9: expected a year between 2026 and 2040"):
        load_experiment("dunkirk", ["horizon=[2026, 2040]", "targets.2045=0.9"])


def test_a_base_may_lie_elsewhere_and_have_a_base_and_a_cluster_of_its_own(work):
    text = 'base = "region/experiment.toml"\n[parameters]\nbindingness = 0.3\n'
    middle = load_experiment(write(work, text, "middle.toml"))
    (work / "deep").mkdir()
    last = load_experiment(write(work / "deep", 'base = "../middle.toml"\n'))
    assert last.id == middle.id
    assert middle.scenario.file.name == load_experiment("region/experiment.toml").scenario.file.name
    assert "bindingness" not in middle.uncertainty


def test_a_variant_of_the_base_is_changed_by_its_name_and_run_only_where_it_is_listed(work):
    text = 'base = "region/experiment.toml"\n[[policy]]\nname = "pact+guarantee"\ngrant_share = 0.1\n'
    package = load_experiment(write(work, text)).policies[-1]
    assert package.schedules["grant_share"] == ((0, 0.1),)
    assert package.schedules["infrastructure_guarantee_share"] == ((2026, 0.0), (2028, 0.5))
    listed = (
        'base = "region/experiment.toml"\npolicies = ["pact", "more"]\n[[policy]]\nname = "more"\nbase = "pact+guarantee"\n'
    )
    found = load_experiment(write(work, listed))
    assert [policy.name for policy in found.policies] == ["pact", "more"]
    assert found.policies[1].schedules["infrastructure_guarantee_share"] == ((2026, 0.0), (2028, 0.5))


def test_a_variant_of_a_variant_that_is_left_out_keeps_all_that_it_builds_on():
    own = [
        {"name": "a", "base": "pact", "title": "A", "grant_share": 0.1, "practices": {"bindingness": 0.2}},
        {"name": "b", "base": "a", "practices": {"merchant_haircut": 0.4}},
        {"name": "c", "base": "b"},
    ]
    found = varied({"policies": ["pact"], "policy": own}, {"policies": ["c"]})
    practices = {"bindingness": 0.2, "merchant_haircut": 0.4}
    assert found["policy"] == [{"name": "c", "base": "pact", "grant_share": 0.1, "practices": practices}]


def test_bases_in_a_ring_or_missing_are_one_line(tmp_path):
    write(tmp_path, 'base = "b.toml"\n', "a.toml")
    ring = write(tmp_path, 'base = "a.toml"\n', "b.toml")
    with pytest.raises(InputError, match="builds on itself"):
        load_experiment(ring)
    with pytest.raises(InputError, match=r"mine\.toml: base = 'dunkrik'.*did you mean 'dunkirk'"):
        load_experiment(write(tmp_path, 'base = "dunkrik"\n'))
    with pytest.raises(InputError, match="base = 7: expected the name or the file of an experiment"):
        load_experiment(write(tmp_path, "base = 7\n"))


def test_a_mistake_in_a_base_names_the_file_of_the_base(work):
    broken = write(work, 'base = "dunkirk"\n[parameters]\nfree_rider = 0.3\n', "broken.toml")
    with pytest.raises(InputError, match=r"broken\.toml: parameters\.free_rider"):
        load_experiment(write(work, f'base = "{broken}"\n'))


def test_what_is_set_on_the_command_line_is_laid_over_the_file():
    given = settings(["parameters.free_rider_share=0.3", "targets.2030=0.4", "horizon=[2026, 2045]", "targets.2050=0.5",
                      "recording=outcomes", "uncertainty.capex_level={ uniform = [0.9, 1.2] }"], {}, KNOWN_KEYS)  # fmt: skip
    assert given == {
        "parameters": {"free_rider_share": 0.3}, "targets": {"2030": 0.4, "2050": 0.5}, "horizon": [2026, 2045],
        "recording": "outcomes", "uncertainty": {"capex_level": {"uniform": [0.9, 1.2]}},
    }  # fmt: skip
    found = load_experiment("dunkirk", ["parameters.capex_level=1.1", "targets={}"], policies=["pact"])
    assert found.parameters == {"capex_level": 1.1}
    assert found.targets == {}
    assert found.baseline == "pact"


def test_a_variant_of_the_file_is_set_by_its_name(work):
    change = ["policy.pact+guarantee.infrastructure_guarantee_share=0.9"]
    package = load_experiment("region/experiment.toml", change).policies[-1]
    assert package.schedules["infrastructure_guarantee_share"] == ((0, 0.9),)


@pytest.mark.parametrize(("words", "line"), [
    (["--set", "parameters.free_rider=0.3"], "--set parameters.free_rider: unknown parameter; did you mean 'free_rider_sh"),
    (["--set", "parameters.free_rider_share=30"], "--set parameters.free_rider_share = 30.0: expected 0.1 to 0.4"),
    (["--set", "free_rider_share=0.3"], "--set free_rider_share: unknown key; did you mean 'parameters.free_rider_share'"),
    (["--set", "basline=pact"], "--set basline: unknown key; did you mean 'baseline'"),
    (["--set", "horizon"], "--set = 'horizon': expected key=value"),
    (["--set", "horizon=[2026"], "--set horizon = '[2026': expected a value as in an experiment file"),
    (["--set", "seed=many"], "--set seed = 'many': expected a valid integer"),
    (["--set", "policy.pact.grant_share=0.1"], "--set policy.pact.grant_share: no variant of the experiment"),
    (["--set", "base=nrw"], "--set base: unknown key"),
    (["--policy", "pcat"], "--policy = 'pcat': no such policy; did you mean 'pact'"),
    (["--policy", "pact", "--policy", "pact"], "--policy = 'pact': listed twice"),
    (["--set", "baseline=pact", "--policy", "four-pillars"], "--set baseline = 'pact': not among the policies"),
])  # fmt: skip
def test_a_mistake_in_what_is_set_is_one_line_that_names_it(words, line, work, complain):
    told = complain("run", "region/experiment.toml", "--runs", "2", *words)
    assert line in told
    assert "experiment.toml" not in told


def test_a_file_that_is_silent_on_what_is_uncertain_is_told_so(tmp_path, capsys):
    path = write(tmp_path, BARE)
    assert call("validate", path) == 0
    told = capsys.readouterr().err
    assert "nothing is uncertain here" in told
    assert 'base = "dunkirk"' in told
    assert "[uncertainty:none]" in told
    assert "[targets:none]" in told
    write(tmp_path, BARE + "[uncertainty]\n[targets]\n")
    assert call("validate", path) == 0
    assert capsys.readouterr().err == ""


def test_the_experiment_on_the_page_builds_on_the_library(tmp_path):
    page = (ROOT / "docs" / "your-cluster.md").read_text(encoding="utf-8")
    written = next(block for block in re.findall(r"```toml[^\n]*\n(.*?)```", page, re.DOTALL) if "capex_level" in block)
    found = load_experiment(write(tmp_path, written))
    assert found.parameters == {"capex_level": 1.3}
    assert found.targets == load_experiment("dunkirk").targets
