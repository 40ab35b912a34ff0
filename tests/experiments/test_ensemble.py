"""Ensembles: sets of parameters that are drawn as a whole, by weight or in turn, and what goes before them."""

import math
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.ensemble import ensemble_names, find_ensemble, read_ensemble, write_ensemble
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.making.starter import STARTER
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import draws_of, parameters_of
from clusterpact.inputs import InputError

ROWS = {"bindingness": [0.1, 0.2, 0.3, 0.4], "price_noise": [1.1, 1.2, 1.3, 1.4]}
WEIGHTS = [0.0, 1.0, 5.0, 4.0]
EXPERIMENT = """name = "together"
cluster = "region"
horizon = [2026, 2030]
runs = 12
seed = 5
policies = ["current-policies"]
{more}
[uncertainty]
ensemble = {name}
{also}
"""


def as_arrays(rows):
    return {name: np.array(values) for name, values in rows.items()}


@pytest.fixture
def sets(tmp_path):
    """A file with an ensemble of four sets, the first of which is never drawn."""
    write_ensemble(tmp_path / "sets.parquet", as_arrays(ROWS), np.array(WEIGHTS))
    return tmp_path / "sets.parquet"


@pytest.fixture
def experiment_with(sets):
    """Makes an experiment of the starter's cluster whose parameters are drawn together."""

    def made(also="", more="", name='"sets.parquet"'):
        shutil.copytree(STARTER, sets.parent / "region", dirs_exist_ok=True)
        path = sets.parent / "together.toml"
        path.write_text(EXPERIMENT.format(also=also, more=more, name=name), encoding="utf-8")
        return load_experiment(str(path))

    return made


# How rows are drawn.


def test_a_run_takes_a_row_as_a_whole(sets):
    drawn = read_ensemble(sets, "sets").values(7, 0, 300)
    assert {name: len(values) for name, values in drawn.items()} == dict.fromkeys(ROWS, 300)
    pairs = set(zip(drawn["bindingness"].tolist(), drawn["price_noise"].tolist(), strict=True))
    assert pairs == set(zip(*(ROWS[name][1:] for name in ROWS), strict=True))


def test_rows_are_drawn_by_their_weights(sets):
    runs = 20_000
    drawn = read_ensemble(sets, "sets").values(7, 0, runs)["bindingness"]
    for value, weight in zip(ROWS["bindingness"], WEIGHTS, strict=True):
        share = weight / sum(WEIGHTS)
        assert abs((drawn == value).mean() - share) <= 4 * math.sqrt(share * (1 - share) / runs)


def test_rows_without_weights_are_alike(tmp_path):
    write_ensemble(tmp_path / "even.parquet", as_arrays(ROWS))
    drawn = read_ensemble(tmp_path / "even.parquet", "even").values(7, 0, 20_000)["bindingness"]
    for value in ROWS["bindingness"]:
        assert (drawn == value).mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 20_000))


@pytest.mark.parametrize("replicates", [0, 3])
@pytest.mark.parametrize("sizes", [[12], [1] * 12, [5, 4, 3]])
def test_a_runs_row_does_not_hang_on_the_shards(sizes, replicates, sets):
    ensemble = read_ensemble(sets, "sets", replicates)
    whole, first, parts = ensemble.values(7, 0, 12), 0, []
    for size in sizes:
        parts.append(ensemble.values(7, first, size))
        first += size
    for name in ROWS:
        assert np.concatenate([part[name] for part in parts]).tolist() == whole[name].tolist()


def test_another_seed_draws_other_rows(sets):
    ensemble = read_ensemble(sets, "sets")
    assert ensemble.values(7, 0, 50)["bindingness"].tolist() != ensemble.values(8, 0, 50)["bindingness"].tolist()


def test_replicates_take_the_rows_in_turn_whatever_their_weights(sets):
    drawn = read_ensemble(sets, "sets", replicates=3).values(7, 2, 8)
    assert drawn["bindingness"].tolist() == [0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.4]


# What an experiment says beside it.


def test_an_experiment_draws_what_its_ensemble_holds(experiment_with):
    experiment = experiment_with()
    assert experiment.drawn == sorted(ROWS)
    draws, records = draws_of(experiment, 3, 9), parameters_of(experiment, 3, 9)
    for name, values in experiment.ensemble.values(5, 3, 9).items():
        assert draws[name].tolist() == records[name].tolist() == values.tolist()


def test_what_is_uncertain_by_itself_goes_before_the_ensemble(experiment_with):
    experiment = experiment_with(also="bindingness = { uniform = [0.8, 0.9] }")
    draws = draws_of(experiment, 0, 12)
    assert (draws["bindingness"] >= 0.8).all()
    assert set(draws["price_noise"]) <= set(ROWS["price_noise"])
    alone = experiment_with().ensemble.values(5, 0, 12)
    assert draws["price_noise"].tolist() == alone["price_noise"].tolist()


def test_what_an_experiment_fixes_goes_before_the_ensemble(experiment_with):
    experiment = experiment_with(more="[parameters]\nbindingness = 0.77")
    assert experiment.drawn == ["price_noise"]
    assert set(draws_of(experiment, 0, 12)) == {"price_noise"}
    assert set(parameters_of(experiment, 0, 12)["bindingness"]) == {0.77}


def test_another_row_or_another_weight_is_another_experiment(sets, experiment_with):
    ids = [experiment_with().id]
    for rows, weights in ((ROWS | {"bindingness": [0.1, 0.2, 0.3, 0.5]}, WEIGHTS), (ROWS, [1.0, 1.0, 5.0, 4.0])):
        write_ensemble(sets, as_arrays(rows), np.array(weights))
        ids.append(experiment_with().id)
    assert len(set(ids)) == 3


@pytest.mark.parametrize("replicates", [0, 3])
def test_a_result_draws_the_same_when_it_is_opened_again(replicates, sets, experiment_with, tmp_path):
    experiment = experiment_with(also="price_belief_spread = { uniform = [0.1, 0.4] }")
    experiment = replace(experiment, ensemble=replace(experiment.ensemble, replicates=replicates))
    run_experiment(experiment, tmp_path / "r", RunOptions(shard_runs=5))
    key, expected = experiment.id, draws_of(experiment, 0, 12)
    sets.unlink()  # the result has a copy of its own
    again = reopen(tmp_path / "r")
    assert again.id == key
    found = draws_of(again, 0, 12)
    assert {name: values.tolist() for name, values in found.items()} == {
        name: values.tolist() for name, values in expected.items()
    }
    kept = pq.read_table(tmp_path / "r" / "tables" / "outcomes.parquet").to_pandas()
    for name, values in expected.items():
        assert kept[f"draw_{name}"].tolist() == values.tolist()


@pytest.mark.parametrize("name", ensemble_names())
def test_an_ensemble_of_the_library_is_found_by_its_name_and_within_the_ranges(name, tmp_path):
    ensemble = find_ensemble(name, tmp_path, "x.toml")
    assert ensemble.name == name
    assert ensemble.rows.keys() <= PARAMETERS.keys()
    assert len({len(values) for values in (*ensemble.rows.values(), ensemble.weights)}) == 1


def test_a_file_beside_the_experiment_goes_before_one_of_the_library(tmp_path):
    name = ensemble_names()[0]
    write_ensemble(tmp_path / name, as_arrays(ROWS))
    assert find_ensemble(name, tmp_path, "x.toml").rows.keys() == ROWS.keys()


# Mistakes.


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"bindingnes": [0.1]}, ["bindingnes: unknown parameter", "'bindingness'"]),
        ({"bindingness": [0.1, 7.0]}, ["bindingness = 7.0", "expected 0"]),
        ({"bindingness": [0.1, math.nan]}, ["bindingness = nan"]),
        ({"bindingness": [0.1, None]}, ["bindingness = nan"]),
        ({"bindingness": []}, ["no parameters"]),
        ({"weight": [1.0]}, ["no parameters"]),
        ({"bindingness": [0.1, 0.2], "weight": [1.0, -1.0]}, ["weight: expected numbers of 0 or more"]),
        ({"bindingness": [0.1, 0.2], "weight": [1.0, math.nan]}, ["weight: expected numbers"]),
        ({"bindingness": [0.1, 0.2], "weight": [0.0, 0.0]}, ["weight", "not all 0"]),
        ({"bindingness": ["much"]}, ["no readable Parquet table of numbers"]),
        ({"bindingness": [None, "much"]}, ["no readable Parquet table of numbers"]),
        ({"bindingness": [[0.1], [0.2, 0.3]]}, ["no readable Parquet table of numbers"]),
        ({"bindingness": [{"a": 1}]}, ["no readable Parquet table of numbers"]),
    ],
    ids=["unknown", "out-of-range", "nan", "null", "no-rows", "weights-only", "negative", "nan-weight", "all-0", "words",
         "null-and-words", "lists", "structs"],
)  # fmt: skip
def test_a_mistake_in_an_ensemble_is_one_line_with_its_file(columns, words, sets, experiment_with):
    pq.write_table(pa.table(columns), sets)
    assert_one_line(experiment_with, ["sets.parquet", *words])


@pytest.mark.parametrize("content", [b"", b"bindingness\n0.5\n", bytes(range(256)) * 20], ids=["empty", "csv", "binary"])
def test_what_is_no_parquet_file_is_one_line(content, sets, experiment_with):
    sets.write_bytes(content)
    assert_one_line(experiment_with, ["sets.parquet", "no readable Parquet table"])


def test_a_column_that_stands_twice_is_one_line(sets, experiment_with):
    pq.write_table(pa.Table.from_arrays([pa.array([0.1]), pa.array([0.2])], names=["bindingness", "bindingness"]), sets)
    assert_one_line(experiment_with, ["sets.parquet"])


@pytest.mark.parametrize(
    ("name", "words"),
    [("histori-2013", ["did you mean 'history-2013'"]), ("", ["no such file"]), ("region", ["no such file"]),
     ("x" * 5000, ["cannot be used as a path"])],
    ids=["misspelt", "blank", "folder", "long"],
)  # fmt: skip
def test_a_name_that_is_no_ensemble_is_one_line(name, words, experiment_with):
    assert_one_line(experiment_with, ["together.toml: uncertainty.ensemble", *words], name=f'"{name}"')


@pytest.mark.parametrize("value", ["3", "[0.1]", "{ uniform = [0, 1] }", "true"])
def test_an_ensemble_that_is_no_text_is_one_line(value, experiment_with):
    assert_one_line(experiment_with, ["together.toml: uncertainty.ensemble", "expected a name or a file"], name=value)


def assert_one_line(experiment_with, words, **said):
    """Loading the experiment fails in a line that holds all the words."""
    with pytest.raises(InputError) as error:
        experiment_with(**said)
    line = str(error.value)
    assert len(line.splitlines()) == 1
    for word in words:
        assert word in line
