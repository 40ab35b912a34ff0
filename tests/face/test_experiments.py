"""Experiments in Python: changed by keyword, told in words, and every mistake one line with the nearest known name."""

import pytest

import clusterpact as cp
from clusterpact.experiments.experiment import load_experiment
from clusterpact.face import experiments
from clusterpact.policies.package import Practised, library_package

LONGER = {"name": "longer-contracts", "base": "finance-first", "practices": {"ccfd_years": 18}}


def names(experiment):
    return [package.name for package in experiment.policies]


def test_an_unchanged_experiment_is_that_of_the_file():
    assert cp.experiment("dunkirk").id == load_experiment("dunkirk").id
    assert isinstance(cp.experiment("dunkirk"), cp.Experiment)


def test_runs_seed_and_policies_replace_what_the_file_says():
    found = cp.experiment("dunkirk", runs=7, seed=3, policies=("current-policies", "pact"))
    assert (found.runs, found.seed, names(found), found.baseline) == (7, 3, ["current-policies", "pact"], "current-policies")
    assert found.id == load_experiment("dunkirk", runs=7, seed=3, policies=["current-policies", "pact"]).id


def test_without_the_baseline_among_the_policies_the_first_one_is_the_baseline():
    assert cp.experiment("dunkirk", policies=["pact", "finance-first"]).baseline == "pact"
    assert cp.experiment("dunkirk", policies=["pact"], set={"baseline": "pact"}).baseline == "pact"
    with pytest.raises(cp.InputError, match="baseline = 'current-policies': not among the policies"):
        cp.experiment("dunkirk", policies=["pact"], set={"baseline": "current-policies"})


def test_a_parameter_that_is_set_is_no_longer_drawn_and_the_other_way_round():
    fixed = cp.experiment("dunkirk", set={"carbon_price_level": 1.0, "parameters.merchant_haircut": 0.4})
    assert fixed.parameters == {"carbon_price_level": 1.0, "merchant_haircut": 0.4}
    assert "carbon_price_level" not in fixed.drawn
    assert "merchant_haircut" not in fixed.drawn
    drawn = cp.experiment(
        {"name": "x", "cluster": "dunkirk", "parameters": {"merchant_haircut": 0.4}},
        set={"uncertainty.merchant_haircut": {"uniform": [0.4, 0.5]}},
    )
    assert drawn.parameters == {}
    assert drawn.drawn == ["merchant_haircut"]


def test_uncertainty_and_targets_are_replaced_as_a_whole_and_changed_key_by_key():
    whole = cp.experiment("dunkirk", uncertainty={"merchant_haircut": {"uniform": [0.4, 0.5]}}, targets={2040: 0.7})
    assert whole.drawn == ["merchant_haircut"]
    assert whole.targets == {2040: 0.7}
    assert cp.experiment("dunkirk", uncertainty={}).drawn == []
    single = cp.experiment("dunkirk", set={"targets.2030": 0.4, "targets.2040": None, "uncertainty.ensemble": None})
    assert single.targets == {2030: 0.4, 2050: 0.95}
    assert "merchant_haircut" not in single.drawn


def test_targets_beyond_a_new_horizon_go_and_those_that_are_given_stay():
    assert cp.experiment("dunkirk", set={"horizon": (2026, 2035)}).targets == {2030: 0.55}
    with pytest.raises(cp.InputError, match=r"targets\.2040 = 0\.8: expected a year between 2026 and 2035"):
        cp.experiment("dunkirk", set={"horizon": (2026, 2035), "targets.2040": 0.8})


def test_rules_and_other_keys_are_set_by_their_dotted_names():
    found = cp.experiment("dunkirk", set={"rules.choice": "npv", "title": "By net present value", "recording": "yearly"})
    assert (found.theories, found.title, found.recording) == ({"choice": "npv"}, "By net present value", "yearly")


def test_packages_are_mappings_files_and_packages(tmp_path):
    (tmp_path / "mine.toml").write_text('name = "mine"\nbase = "pact"\nsanctions = 0.5\n')
    library = library_package("four-pillars")
    copied = cp.Package("copied", *(getattr(library, name) for name in (
        "title", "description", "governance_mode", "schedules", "practices", "budgets")))  # fmt: skip
    found = cp.experiment("dunkirk", policies=["pact"], packages=[LONGER, tmp_path / "mine.toml", copied])
    assert names(found) == ["pact", "longer-contracts", "mine", "copied"]
    assert found.policies[1].practices == {"ccfd_years": Practised(18.0)}
    assert found.policies[2].schedules["sanctions"] == ((0, 0.5),)
    assert found.policies[3] == copied


def test_a_sweep_of_budgets_takes_no_files():
    sweep = [
        {"name": f"grants-{budget}", "base": "finance-first", "budgets": {"grants_meur_per_year": budget}}
        for budget in (50, 100, 200)
    ]
    found = cp.experiment("dunkirk", runs=2, policies=["current-policies"], packages=sweep)
    assert names(found) == ["current-policies", "grants-50", "grants-100", "grants-200"]
    assert found.policies[2].budgets == {"grants": ((0, 100.0),)}


def test_an_experiment_written_out_in_python_is_that_of_a_file(tmp_path):
    written = {"name": "x", "cluster": "dunkirk", "runs": 3, "policies": ["pact"], "policy": [LONGER]}
    (tmp_path / "x.toml").write_text(
        'name = "x"\ncluster = "dunkirk"\nruns = 3\npolicies = ["pact"]\n'
        '[[policy]]\nname = "longer-contracts"\nbase = "finance-first"\npractices = { ccfd_years = 18 }\n'
    )
    assert cp.experiment(written).id == cp.experiment(tmp_path / "x.toml").id
    assert names(cp.experiment(tmp_path / "x.toml", policies=["pact"])) == ["pact"]


MISTAKES = [
    ({"policies": ["pakt"]}, r"dunkirk.toml, as changed: policies = 'pakt': no such policy; did you mean 'pact'\?"),
    ({"policies": "pact"}, "policies = 'pact': expected a list"),
    ({"packages": LONGER}, "packages = .*: expected a list"),
    ({"packages": [3]}, "packages = 3: expected a mapping"),
    ({"packages": [{"name": "m", "sanktions": 1}]}, "policy.*sanktions: unknown instrument; did you mean 'sanctions'"),
    ({"packages": ["none.toml"]}, "none.toml: file: not found"),
    ({"set": {"merchant_haircutt": 1}}, "merchant_haircutt: no such key or parameter; did you mean 'merchant_haircut'"),
    ({"set": {"parameters.ccfd_year": 1}}, "parameters.ccfd_year: unknown parameter; did you mean 'ccfd_years'"),
    ({"set": {"uncertainty.ccfd_year": {}}}, "uncertainty.ccfd_year: unknown parameter; did you mean 'ccfd_years'"),
    ({"set": {"horizn": (2026, 2030)}}, "horizn: no such key or parameter; did you mean 'horizon'"),
    ({"set": {"ccfd_years": 1e9}}, "parameters.ccfd_years = 1000000000.0: expected"),
    ({"set": {"rules.choise": "npv"}}, "rules.choise: unknown decision; did you mean 'choice'"),
    ({"set": {"runs.x": 3}}, "runs.x: no such key"),
    ({"set": 3}, "set = 3: expected a mapping"),
    ({"uncertainty": {"ccfd_years": {"unifrom": [1, 2]}}}, "uncertainty.ccfd_years"),
    ({"uncertainty": 3}, "uncertainty = 3"),
    ({"targets": {2090: 0.5}}, "targets.2090 = 0.5: expected a year between 2026 and 2050"),
    ({"runs": 0}, "runs = 0"),
    ({"runs": "many"}, "runs = 'many'"),
    ({"seed": -1}, "seed = -1"),
]


@pytest.mark.parametrize(("changes", "line"), MISTAKES, ids=str)
def test_a_mistake_in_what_changes_an_experiment_is_one_line(changes, line):
    with pytest.raises(cp.InputError, match=line) as caught:
        cp.experiment("dunkirk", **changes)
    assert "\n" not in str(caught.value)


def test_an_experiment_is_changed_where_it_is_made(small):
    assert cp.experiment(small).id == small.id
    with pytest.raises(cp.InputError, match="runs: cannot change an Experiment"):
        cp.experiment(small, runs=3)
    with pytest.raises(cp.InputError, match="no such file or experiment of the library; did you mean 'dunkirk'"):
        cp.experiment("dunkrik")
    with pytest.raises(cp.InputError, match="experiment: cluster"):
        cp.experiment({"name": "x"})


def test_an_experiment_says_what_it_is_in_words(small):
    assert repr(small).startswith("Experiment dunkirk: Dunkirk: pact, finance, or both?; 2 policies x 12 runs, 2026 to 2031")
    assert "nothing is uncertain" in repr(cp.experiment("dunkirk", uncertainty={}))
    html = small._repr_html_()
    assert "<td>finance-first</td>" in html
    assert "<script" not in cp.experiment("dunkirk", set={"title": "<script>"})._repr_html_()


@pytest.mark.parametrize(
    ("options", "line"),
    [({"policy": "pakt"}, "policy = 'pakt': not among the policies of dunkirk; did you mean 'pact'"),
     ({"run": -1}, "run = -1: expected 0 to"), ({"run": 1.5}, "run = 1.5: expected 0 to"), ({"run": 10**30}, "run = 1000"),
     ({"run": True}, "run = True: expected 0 to"), ({"frim": cp.Firm}, "frim: no such kind of agent")],
)  # fmt: skip
def test_a_model_that_cannot_be_is_one_line(options, line):
    with pytest.raises(cp.InputError, match=line):
        cp.model("dunkirk", progress=False, **options)


def test_a_replay_of_no_run_is_one_line(result):
    for run in (-1, 12):
        with pytest.raises(cp.InputError, match=f"run = {run}: expected 0 to 11"):
            cp.replay(result.folder, run=run)


def test_figures_of_a_cluster_are_pictures_that_a_notebook_shows(small):
    assert dir(small.plot) == ["cluster_map", "tie_network"]
    assert small.plot.cluster_map()._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("shown", [True, False])
def test_a_model_says_when_it_compiles_the_rules_unless_it_is_told_not_to(shown, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "is_compiled", lambda: False)
    cp.model("dunkirk", progress=shown)
    assert ("compiling the rules" in capsys.readouterr().err) == shown
