"""Agents of one's own in many runs: the same tables, run numbers and draws as the compiled runs, in one process or two."""

import importlib.util

import pandas as pd
import pytest

import clusterpact as cp
from clusterpact.experiments.running import own_agents
from tests.commands import python
from tests.face.own import Clumsy, Forgetful, Idle


def test_the_usual_agents_give_the_tables_of_the_compiled_runs(small, result):
    runs = cp.run_agents(small, runs=3, progress=False)
    for name in ("outcomes", "series", "gates", "projects", "pipeline"):
        table = getattr(result, name)
        expected = table[table["run"] < 3].reset_index(drop=True)
        pd.testing.assert_frame_equal(getattr(runs, name), expected, check_exact=True)


def test_a_class_of_ones_own_changes_the_answer_and_is_set_against_the_usual_runs(small, result):
    runs = cp.run_agents(small, runs=3, policies=["finance-first"], progress=False, firm=Idle)
    assert runs.outcomes["policy"].tolist() == ["finance-first"] * 3
    change = runs.against(result).set_index("outcome")
    assert (change["runs"] <= 3).all()
    assert change.loc["private_meur", "difference"] < 0
    row = change.loc["cumulative_mt"]
    assert row["own"] - row["usual"] == pytest.approx(row["difference"])
    assert repr(runs) == "AgentRuns of Dunkirk: pact, finance, or both?: 1 policy x 3 runs, Idle"


def test_two_processes_give_the_tables_of_one(small, capsys):
    one = cp.run_agents(small, runs=2, policies=["finance-first"], progress=False, firm=Idle)
    assert capsys.readouterr() == ("", "")
    two = cp.run_agents(small, runs=2, policies=["finance-first"], processes=2, firm=Idle)
    assert "2/2 runs" in capsys.readouterr().err
    pd.testing.assert_frame_equal(one.outcomes, two.outcomes, check_exact=True)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("made", "error", "line"),
    [
        (Clumsy, ZeroDivisionError, "clumsy"),
        (Forgetful, cp.InputError, "Forgetful: pledges: returned None; expected True or"),
    ],
)
def test_an_error_in_a_class_is_raised(made, error, line, processes, small):
    with pytest.raises(error, match=line) as caught:
        cp.run_agents(small, runs=2, processes=processes, progress=False, firm=made)
    if error is not cp.InputError:
        assert caught.value.__notes__[0].startswith("(policy current-policies, run ")


def test_a_class_of_a_function_goes_to_processes_only_with_cloudpickle(small, monkeypatch):
    class Local(cp.Firm):
        def invests(self) -> bool:
            return False

    if importlib.util.find_spec("cloudpickle"):
        runs = cp.run_agents(small, runs=2, policies=["finance-first"], processes=2, progress=False, firm=Local)
        assert len(runs.outcomes) == 2
    monkeypatch.setattr(own_agents, "find_spec", lambda name: None)
    with pytest.raises(
        cp.InputError, match=r"firm = 'Local': other processes cannot import it; expected a class at the top"
    ):
        cp.run_agents(small, runs=2, processes=2, progress=False, firm=Local)


@pytest.mark.parametrize(
    ("options", "line"),
    [({"runs": 0}, "runs = 0: expected 1 to"), ({"processes": 0}, "processes = 0: expected a whole number"),
     ({"policies": ["pakt"]}, "policies = 'pakt': not among the policies of dunkirk"),
     ({"policies": []}, "policies = .*expected at least one"),
     ({"firm": cp.Owner}, "firm = 'Owner': expected a subclass of Firm"), ({"frim": Idle}, "frim: no such kind of agent")],
)  # fmt: skip
def test_what_cannot_be_run_is_one_line(options, line, small):
    with pytest.raises(cp.InputError, match=line):
        cp.run_agents(small, progress=False, **({"runs": 2} | options))


def test_runs_are_set_against_runs_of_the_same_draws_only(small, result, tmp_path):
    runs = cp.run_agents(small, runs=2, progress=False, firm=Idle)
    changes = {"policies": ["finance-first"], "set": {"horizon": (2026, 2031)}}
    other = cp.run("dunkirk", runs=2, seed=5, progress=False, out=tmp_path / "r", **changes)
    with pytest.raises(cp.InputError, match="other draws than the runs of these agents"):
        runs.against(other)


SCRIPT = """
import clusterpact as cp

class Mine(cp.Firm):
    def invests(self) -> bool:
        return False

def main():
    change = dict(set={{"horizon": (2026, 2027)}}, uncertainty={{}}, targets={{}})
    found = cp.experiment("dunkirk", policies=["finance-first"], **change)
    try:
        print(len(cp.run_agents(found, runs=2, processes=2, progress=False, firm=Mine).outcomes), "rows")
    except cp.InputError as error:
        print("mistake:", error)

{guard}main()
"""


@pytest.mark.parametrize(
    ("guard", "told"),
    [('if __name__ == "__main__":\n    ', "2 rows"), ("", "mistake: processes = 2: a process ended before its runs did")],
)
def test_a_script_starts_processes_below_its_guard(guard, told, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT.format(guard=guard))
    done = python("script.py", where=tmp_path)
    assert told in done.stdout, done.stderr
