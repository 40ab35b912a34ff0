"""A stranger's result: whatever stands in its manifest, its ledger and its notes, a command answers or says one line."""

import json
import random
import shutil

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running import session
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import Shard, entries_of
from clusterpact.inputs import InputError
from tests.commands import call, poison
from tests.experiments.provenance.forgery import change_manifest, refit
from tests.experiments.provenance.hostile import COMMANDS, assert_told, cases, spoil

QUICK, LONG, SEED = 40, 500, 7


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A complete result in which a run failed, and which says what is to be searched for."""
    folder = tmp_path_factory.mktemp("small") / "r"
    wanted = ('search.constraints=["public_meur <= 3000"]', 'search.instruments=["lock_in"]', 'search.governance=["anchor"]')
    with pytest.MonkeyPatch.context() as patch:
        poison(patch, {1})
        run_experiment(load_experiment("dunkirk", wanted, runs=4), folder, RunOptions(shard_runs=2))
    return folder


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A result whose shards are done and not merged."""
    folder = tmp_path_factory.mktemp("begun") / "r"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "complete", lambda *arguments: None)
        run_experiment(load_experiment("dunkirk", runs=4), folder, RunOptions(shard_runs=2))
    return folder


def told(folder, place, case, commands, capsys):
    """What commands make of one case."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place)
    spoil(place, *case)
    for command in commands:
        try:
            assert_told(place, command, capsys)
        except BaseException as error:
            raise AssertionError(f"{command} on {case!r:.200}") from error


def test_a_sample_of_hostile_values_is_answered_or_told_in_one_line(small, tmp_path, capsys):
    choice = random.Random(SEED)
    for case in choice.sample(list(cases(small)), QUICK):
        told(small, tmp_path / "r", case, ["status", choice.choice(COMMANDS[1:])], capsys)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_many_hostile_values_are_answered_or_told_in_one_line(command, small, tmp_path, capsys):
    for case in random.Random(command).sample(list(cases(small)), LONG):
        told(small, tmp_path / "r", case, [command], capsys)


def test_hostile_entries_of_a_ledger_count_as_shards_that_are_not_done(begun, tmp_path, capsys):
    path = sorted((begun / "ledger").glob("*.json"))[0]
    whole = json.loads(path.read_text())
    for key, value in [("seconds", -1.0), ("seconds", float("nan")), ("finished", 1e300), ("finished", -1.0),
                       ("failures", [3]), ("failures", [{"run": "x"}]), ("worker", "\x1b[31m"), ("executor", "x" * 300),
                       ("parts", {"outcomes": "zz"}), ("shard", {"policy": 0, "first_run": 1, "runs": 2}),
                       ("experiment", "0123456789ab")]:  # fmt: skip
        shutil.rmtree(tmp_path / "r", ignore_errors=True)
        folder = shutil.copytree(begun, tmp_path / "r")
        (folder / "ledger" / path.name).write_text(json.dumps(whole | {key: value}))
        assert call("status", folder) == 0
        assert "7 of 8 done, 1 missing" in capsys.readouterr().out, (key, value)
        assert call("merge", folder) == 2
        assert "1 of 8 shards are missing or damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e.update(baseline="nobody"), "baseline = 'nobody': not among the policies"),
        (lambda e: e.update(targets={"2150": 0.5}), "targets.2150 = 0.5: expected a year between"),
        (lambda e: e.update(targets={"2030": 1.5}), "targets.2030 = 1.5"),
        (lambda e: e.update(parameters={"bindingness": 99.0}), "parameters.bindingness = 99.0: expected"),
        (lambda e: e.update(parameters={"bindignness": 0.5}), "did you mean 'bindingness'"),
        (lambda e: e["policies"][1]["schedules"].update(nosuch=[[0, 1.0]]), "nosuch: unknown instrument"),
        (lambda e: e["policies"][1].update(governance_mode="tyranny"), "unknown governance mode"),
        (lambda e: e["policies"][1].update(practices={"bindingness": 9.0}), "practices.bindingness = 9.0"),
        (lambda e: e["policies"][1].update(budgets={"gold": [[0, 1.0]]}), "budgets.gold: unknown budget"),
        (lambda e: e["policies"][1].update(name="\x1b[31m"), "(see experiment.policies.1.name)"),
        (lambda e: e["policies"][1].update(name=e["policies"][0]["name"]), "listed twice"),
        (lambda e: e.update(windows={"w": [1900, 2300]}), "windows.w"),
        (lambda e: e.update(seed=2**70), "seed"),
        (lambda e: e.update(runs=10**12), "runs"),
        (lambda e: e.update(name="../../x"), "experiment.name"),
        (lambda e: e.update(inputs=e["inputs"] | {"a\x00b": "0" * 64}), "is damaged"),
        (lambda e: e.update(screening={"factors": ["luck"], "trajectories": 4, "replicates": 1, "seed": 42}), "screening"),
        (lambda e: e.update(screening={"factors": ["bindingness", "luck"], "trajectories": 4, "replicates": 7, "seed": 42}),
         "screening: does not fit the experiment's runs and seed"),
        (lambda e: e["ensemble"].update(replicates=-1) if "ensemble" in e else e.update(ensemble={"name": "x"}), "ensemble"),
    ],
)  # fmt: skip
def test_a_manifest_is_checked_as_an_experiment_file_is(change, words, small, tmp_path, capsys):
    folder = shutil.copytree(small, tmp_path / "r")
    refit(folder, lambda data: change(data["experiment"]))
    for command in ("merge", "verify", "replay", "archive"):
        assert call(command, folder) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert words in line


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m["versions"].pop("clusterpact"), "versions"),
        (lambda m: m["versions"].update(numpy="1; rm -rf ~"), "versions.numpy"),
        (lambda m: m.update(commit="\x1b[31m"), "commit"),
        (lambda m: m.update(started="yesterday"), "started"),
        (lambda m: m.update(shard_runs=-1), "shard_runs"),
        (lambda m: m["execution"].update(core_hours=-1.0), "execution.core_hours"),
    ],
)
def test_what_a_manifest_says_of_its_making_is_checked(change, field, small, tmp_path, capsys):
    folder = shutil.copytree(small, tmp_path / "r")
    change_manifest(folder, change)
    assert call("status", folder) == 2
    assert f"is damaged; expected the manifest of a result (see {field})" in capsys.readouterr().err


def test_a_plan_of_more_shards_than_can_be_held_is_one_line_and_status_does_not_make_it(begun, tmp_path, capsys):
    folder = shutil.copytree(begun, tmp_path / "r")
    refit(folder, lambda data: data["experiment"].update(runs=100_000_000) or data.update(shard_runs=1))
    assert call("status", folder) == 0
    assert "0 of 400,000,000 done" in capsys.readouterr().out
    assert call("merge", folder) == 2
    assert "shard_runs = 1: makes 400,000,000 shards; expected more runs per shard" in capsys.readouterr().err


def test_only_entries_of_planned_shards_count(begun, tmp_path):
    folder = shutil.copytree(begun, tmp_path / "r")
    assert len(entries_of(read_manifest(folder), folder)) == 8
    whole = json.loads((folder / "ledger" / "p000-r000000000-n2.json").read_text())
    for shard in ((0, 1, 2), (0, 0, 4), (9, 0, 2)):
        name = Shard(*shard).key
        entry = whole | {"shard": dict(zip(("policy", "first_run", "runs"), shard, strict=True))}
        (folder / "ledger" / f"{name}.json").write_text(json.dumps(entry))
    assert len(entries_of(read_manifest(folder), folder)) == 8


def test_the_id_of_an_experiment_is_hashed_once(begun, capsys, monkeypatch):
    from clusterpact.experiments import experiment as module

    hashed = []
    monkeypatch.setattr(module, "_hash_file", lambda path, usual=module._hash_file: hashed.append(path) or usual(path))
    again = ("run", "dunkirk", "--runs", 4, "--out", begun, "-q", "--shard", "0/2", "--no-figures")
    for words in (("status", begun), again):
        hashed.clear()
        assert call(*words) == 0
        assert len(hashed) == len(set(hashed))
    assert reopen(begun).id == reopen(begun).id


def test_a_manifest_whose_id_is_another_experiments_is_one_line(small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "r")
    change_manifest(folder, lambda data: data["experiment"].update(seed=43))
    with pytest.raises(InputError, match=r"id = '[0-9a-f]{12}': is not that of the experiment in it"):
        reopen(folder)
