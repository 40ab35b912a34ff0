"""`[search]` of an experiment file: what it means, its defaults, and one clear line for each mistake."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.search import searched
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import INSTRUMENTS
from tests.commands import call


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """The starter's experiment, as `clusterpact new` writes it."""
    folder = tmp_path_factory.mktemp("search") / "region"
    assert call("new", folder) == 0
    return folder / "experiment.toml"


@pytest.fixture
def with_search(starter, tmp_path):
    """The starter's experiment with a table `[search]`."""

    def write(text):
        path = starter.with_name(f"{tmp_path.name}.toml")
        path.write_text(f'base = "experiment.toml"\nname = "mine"\n[search]\n{text}\n', encoding="utf-8")
        return str(path)

    return write


def test_without_a_table_all_instruments_are_searched_up_to_twice_their_typical_strength(starter):
    found = searched(load_experiment(str(starter)))
    assert [one.instrument for one in found.settings] == list(INSTRUMENTS)
    assert all(one.high == min(INSTRUMENTS[one.instrument].high, 2 * INSTRUMENTS[one.instrument].typical)
               for one in found.settings)  # fmt: skip
    assert (found.starts, found.packages, found.runs_first, found.runs_most) == ((2026, 2050), 20_000, 24, 400)
    assert [aim.name for aim in found.objectives] == ["cumulative_mt", "public_meur", "jobs_direct", "p90_regret"]


@pytest.mark.parametrize("text", ["instruments = {}", "instruments = []"])
def test_no_instruments_named_are_all_of_them(text, with_search):
    assert [one.instrument for one in load_experiment(with_search(text)).searching.settings] == list(INSTRUMENTS)


def test_a_table_says_what_is_wanted_what_must_hold_and_what_may_be_set(with_search):
    found = load_experiment(with_search("""
objectives = ["min p90_cumulative_mt", "max target_2050_met"]
constraints = ["public_meur <= 3000", "p10_jobs_direct >= 500"]
instruments = { grant_share = [0.1, 0.4], lock_in = [0, 1] }
starts = [2027, 2040]
ends = true
triggers = ["carbon_price_eur_per_t < 60 for 2 years", "abated_share >= 0.3"]
governance = ["anchor", "majority"]
""")).searching  # fmt: skip
    assert [(aim.column, aim.kind, aim.sign) for aim in found.objectives] == [
        ("cumulative_mt", "p90", 1), ("target_2050_met", "mean", -1)]  # fmt: skip
    assert [(aim.name, aim.sign, aim.bound) for aim in found.constraints] == [
        ("public_meur", 1, 3000.0), ("p10_jobs_direct", -1, 500.0)]  # fmt: skip
    assert [(one.instrument, one.low, one.high) for one in found.settings] == [
        ("grant_share", 0.1, 0.4), ("lock_in", 0.0, 1.0)]  # fmt: skip
    assert [str(one) for one in found.triggers] == [
        "None", "carbon_price_eur_per_t < 60 for 2 years", "abated_share >= 0.3"]  # fmt: skip
    assert (found.starts, found.ends, found.governance) == ((2027, 2040), True, ("anchor", "majority"))


def test_a_search_changes_no_result(starter, with_search):
    plain = load_experiment(with_search(""))
    assert plain.id == load_experiment(with_search("packages = 500")).id
    assert plain.searching.packages == 20_000


MISTAKES = {
    "an unknown key": ("packges = 5", ("search.packges", "unknown key", "packages")),
    "an objective without a way": ('objectives = ["public_meur"]', ("search.objectives", "'public_meur'", '"min OUTCOME"')),
    "another way": ('objectives = ["least public_meur"]', ("search.objectives", '"max OUTCOME"')),
    "an unknown outcome": ('objectives = ["min public_mer"]', ("search.objectives", "'public_mer'", "'public_meur'")),
    "an outcome that not every run has": ('objectives = ["min half_abated_year"]', ("no outcome that every run has",)),
    "another target year": ('objectives = ["max target_2045_met"]', ("'target_2045_met'", "did you mean 'target_20")),
    "an objective twice": ('objectives = ["min public_meur", "max public_meur"]', ("'public_meur'", "more than once")),
    "no objectives": ("objectives = []", ("search.objectives",)),
    "objectives that are no list": ('objectives = "min public_meur"', ("search.objectives",)),
    "a constraint without a bound": ('constraints = ["public_meur"]', ("search.constraints", '"OUTCOME <= number"')),
    "a bound that is no number": ('constraints = ["public_meur <= much"]', ("'public_meur <= much'", "number")),
    "a bound that is not finite": ('constraints = ["public_meur <= inf"]', ("finite",)),
    "a constraint on nothing": ('constraints = ["publicmeur <= 3"]', ("'publicmeur'", "'public_meur'")),
    "a constraint twice": ('constraints = ["public_meur <= 3", "public_meur <= 4"]', ("more than once",)),
    "an unknown instrument": ('instruments = ["grant_shar"]', ("search.instruments", "'grant_shar'", "'grant_share'")),
    "an instrument twice": ('instruments = ["grant_share", "grant_share"]', ("'grant_share'", "more than once")),
    "bounds beyond the catalogue": ("instruments = { grant_share = [0, 0.9] }", ("search.instruments.grant_share", "0.6")),
    "bounds that fall": ("instruments = { grant_share = [0.4, 0.1] }", ("[0.4, 0.1]", "rising")),
    "bounds that are one number": ("instruments = { grant_share = 0.4 }", ("grant_share", "[least, most]")),
    "starts beyond the horizon": ("starts = [2020, 2040]", ("search.starts", "2026 to 2050")),
    "starts that fall": ("starts = [2040, 2030]", ("search.starts", "[2040, 2030]")),
    "a trigger that is none": ('triggers = ["soon"]', ("search.triggers", "'soon'", "expected a signal")),
    "an unknown signal": ('triggers = ["signd_share.x > 1"]', ("search.triggers", "'signd_share'", "'signed_share'")),
    "a signal of no network": ('triggers = ["signed_share.x > 1"]', ("search.triggers", "'x'", "no such network")),
    "a trigger twice": ('triggers = ["reversals > 1", "reversals > 1"]', ("search.triggers", "more than once")),
    "an unknown mode": ('governance = ["anker"]', ("search.governance", "'anker'", "anchor")),
    "a mode twice": ('governance = ["anchor", "anchor"]', ("'anchor'", "more than once")),
    "regret of nothing": ('regret_of = "cumulative"', ("search.regret_of", "cumulative_mt")),
    "too few packages": ("packages = 100\npopulation = 200", ("search.packages", "population (200)")),
    "too many packages": ("packages = 100000000", ("search.packages", "1000000")),
    "fewer runs at the end": ("runs_first = 50\nruns_most = 20", ("search.runs_most", "runs_first (50)")),
    "one run": ("runs_first = 1", ("search.runs_first",)),
    "a seed below zero": ("seed = -1", ("search.seed",)),
    "ends that are no yes": ("ends = 1", ("search.ends",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_with_what_was_expected(name, with_search, capsys):
    text, words = MISTAKES[name]
    assert call("search", with_search(text), "--dry-run") == 2
    line = capsys.readouterr().err.strip()
    assert "\n" not in line
    for word in words:
        assert word in line, line


def test_all_mistakes_are_found_at_once(with_search):
    with pytest.raises(InputError) as found:
        load_experiment(with_search('objectives = ["min publc_meur"]\ngovernance = ["anker"]\nstarts = [1990, 2040]'))
    assert {found.value.key, *(one.key for one in found.value.others)} == {
        "search.objectives", "search.governance", "search.starts"}  # fmt: skip


def test_a_package_that_would_be_called_like_a_found_one_is_refused_before_anything_runs(starter, capsys):
    text = 'base = "experiment.toml"\nname = "mine"\n[[policy]]\nname = "found-01"\n[search]\npackages = 4\npopulation = 4\n'
    path = starter.with_name("clash.toml")
    path.write_text(text, encoding="utf-8")
    assert call("search", path, "--out", starter.with_name("clash")) == 2
    assert "'found-01': is what a found package is called" in capsys.readouterr().err
    assert not starter.with_name("clash").exists()
