"""`validate` lists all mistakes of a file at once, each with its line."""

import pytest

from clusterpact.inputs.lines import line_of
from tests.cli.mistakes.edits import EXPERIMENT, FIRMS, VALIDATE, both, put
from tests.commands import call

TEXT = '''# a comment
name = "x"   # [not.a.table]
many = [
    1,  # one
    2,
]
text = """
[uncertainty]
"""
a."b.c".d = 1

[uncertainty]
one = { uniform = [0.1, 0.9] }

[[policy]]
name = "first"
[[policy]]  # the second
name = "second"
share = 1
[policy.practices]
x = 2
'''

LINES = {
    "name": 2, "many[2]": 3, "text": 7, "a.b.c.d": 10, "uncertainty": 12, "uncertainty.one.uniform": 13,
    "policy[1].name": 16, "policy[second].share": 19, "policy[2].base": 17, "policy[2].practices.x": 21,
    "missing": None, "uncertainty.two": 12,
}  # fmt: skip


@pytest.mark.parametrize("key", LINES)
def test_the_line_of_a_key(key):
    assert line_of(TEXT, key) == LINES[key]


def told(capsys):
    """The lines of a command that fails with mistakes."""
    printed = capsys.readouterr()
    assert printed.out == ""
    return [line.removeprefix("clusterpact: ") for line in printed.err.splitlines()]


def test_five_mistakes_of_an_experiment_are_five_lines_in_their_order(work, capsys):
    both(
        put(EXPERIMENT, "seed = 1", "sede = 1"), put(EXPERIMENT, '"pact", "finance-first"', '"pcat", "finance-frist"'),
        put(EXPERIMENT, "bindingness", "bindingnes"), put(EXPERIMENT, "= 0.25", "= 25"),
        put(EXPERIMENT, "infrastructure_guarantee_share", "infrastructure_garantee_share"),
        put(EXPERIMENT, "2030 = 0.30", "2060 = 0.30"),
    )(work / "region")  # fmt: skip
    assert call(*VALIDATE) == 2
    lines = told(capsys)
    text = (work / "region" / EXPERIMENT).read_text().splitlines()
    expected = ["sede", "policies", "policies", "uncertainty.bindingnes", "parameters.free_rider_share",
                "policy.infrastructure_garantee_share", "targets.2060"]  # fmt: skip
    for line, key in zip(lines, expected, strict=True):
        place, _, rest = line.partition(": ")
        file, _, number = place.rpartition(":")
        assert file == f"region/{EXPERIMENT}"
        assert rest.startswith(key)
        assert text[int(number) - 1].startswith(key.rpartition(".")[2])


def test_mistakes_of_a_cluster_are_told_with_those_of_its_experiment(work, capsys):
    both(
        put(EXPERIMENT, "= 0.25", "= 25"), put(FIRMS, "1000,,611,", "x,,y,"),
        put(FIRMS, "400,,384,", "400,,-384,"),
    )(work / "region")  # fmt: skip
    assert call(*VALIDATE) == 2
    files = [line.partition(":")[0] for line in told(capsys)]
    assert files == [f"region/{FIRMS}"] * 2 + [f"region/{EXPERIMENT}"]


def test_a_command_other_than_validate_says_one_line_and_how_many_more_there_are(work, complain):
    both(put(EXPERIMENT, "= 0.25", "= 25"), put(EXPERIMENT, "2030 = 0.30", "2060 = 0.30"))(work / "region")
    line = complain("run", "region/experiment.toml")
    assert line.endswith("(and 1 more mistake; clusterpact validate lists all)")


def test_of_several_variants_a_mistake_names_the_one_it_is_in(work, complain):
    put(EXPERIMENT, "[targets]", '[[policy]]\nname = "second"\ngrant_sahre = 0.1\n\n[targets]')(work / "region")
    assert "experiment.toml: policy[second].grant_sahre: unknown instrument" in complain("run", "region/experiment.toml")
