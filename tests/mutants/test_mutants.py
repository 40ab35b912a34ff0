"""The driver itself: on a made-up module it kills an obvious mutant and reports an obvious survivor."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.edits import edits_of

ROOT = Path(__file__).parent.parent.parent
LADDER = '''"""A made-up module."""


def rung(height: float = 2.0) -> int:
    """The rung at a height."""
    if height < 1.0:
        return 0
    return 1


def forever(n):
    while n > 0:
        n -= 1
    return n


def unseen(n):
    return n + 1
'''
LADDER_TESTS = """
import ladder


def test_low_heights_are_on_the_ground():
    assert ladder.rung(0.0) == 0 and ladder.rung(3.0) == 1


def test_forever_ends():
    assert ladder.forever(3) == 0
"""
BOUNDARY = "if height < 1.0 -> if height <= 1.0"


def changes_of(source):
    """The edits of one function, as (kind, field)."""
    return [(edit.kind, edit.field) for edit in edits_of(ast.parse(source).body[0])]


def drive(folder, *options, explained=()):
    """Run the driver on the made-up module with a table of explanations; returns exit code and report."""
    (folder / "ladder.py").write_text(LADDER)
    (folder / "test_ladder.py").write_text(LADDER_TESTS)
    (folder / "explained.csv").write_text("\n".join(["module,function,mutant,why", *explained]) + "\n")
    files = ["--module", "ladder.py", "--tests", "test_ladder.py", "--explained", "explained.csv"]
    ran = subprocess.run([sys.executable, "-m", "tests.mutants", *files, *options], cwd=folder, check=False,
                         env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)  # fmt: skip
    assert ran.returncode in (0, 1), ran.stderr
    return ran.returncode, (folder / "build" / "mutants.md").read_text()


def test_survivors_are_told_and_what_a_test_sees_is_not(tmp_path):
    code, report = drive(tmp_path)
    assert code == 1
    assert f"ladder.py:6: `{BOUNDARY}` (ladder.py:rung:2:boundary)" in report
    assert "return 1 -> return 2" not in report  # killed
    assert "- ladder.py: unseen: line 18" in report  # no test runs it
    timed_out = report.split("| all |")[1].split("|")[2]
    assert int(timed_out) == 2  # the loop that counts up, and the one that does not count


def test_an_explained_survivor_is_no_fault_and_a_stale_explanation_is_told(tmp_path):
    survivors = [BOUNDARY, "if height < 1.0 -> if height < 2.0"]
    rows = [f'ladder.py,rung,"{change}",nobody stands there' for change in [*survivors, "return 1 -> return 2"]]
    code, report = drive(tmp_path, "--match", "rung", explained=rows)
    assert code == 0, report
    assert BOUNDARY not in report
    assert "ladder.py: rung: return 1 -> return 2" in report


@pytest.mark.parametrize(
    ("source", "edits"),
    [
        ("def f(x):\n    '''Text.'''\n    return x < 1", [("boundary", "ops"), ("opposite", "ops"), ("constant", "value")]),
        ("def f(x: 1 = 2) -> 3:\n    raise ValueError(f'{x + 1}')", []),
        ("def f(x):\n    y = x\n    y = y\n    x.a = y\n    return y", [("removal", "body"), ("removal", "body")]),
        ("def f(x):\n    return x and not x", [("condition", "value"), ("logic", "op"), ("logic", "operand")]),
        ("def f(x):\n    return range(x)", [("range", "args"), ("range", "args")]),
        ("def f(x):\n    x += min(x, -x)", [("augmented", "op"), ("extreme", "func"), ("sign", "op"), ("removal", "body")]),
    ],
)  # fmt: skip
def test_edits_are_of_what_runs(source, edits):
    assert changes_of(source) == edits
