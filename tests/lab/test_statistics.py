"""The numbers of the page against the same of the project, where node can run the page's modules."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from scipy import stats

from clusterpact.lab.page import PAGE

ASK = """
import { chance, mean, paired, quantiles, student } from "./statistics.mjs";
const [, , given] = process.argv, { values, others, met } = JSON.parse(given);
console.log(JSON.stringify({ mean: mean(values), paired: paired(values, others), chance: chance(met),
  quantiles: quantiles(values, [0, 0.05, 0.5, 0.95, 1]), student: [20, 63, 255, 999].map(student) }));
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Numbers, and what the page makes of them."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = tmp_path_factory.mktemp("modules")
    shutil.copy(PAGE / "statistics.mjs", folder)
    (folder / "ask.mjs").write_text(ASK, encoding="utf-8")
    rng = np.random.default_rng(3)
    given = {"values": rng.normal(5, 2, 64).tolist(), "others": rng.normal(4, 2, 64).tolist(), "met": [1] * 3 + [0] * 61}
    done = subprocess.run([node, folder / "ask.mjs", json.dumps(given)], capture_output=True, text=True, check=True)
    return {name: np.array(row) for name, row in given.items()}, json.loads(done.stdout)


def test_a_mean_has_the_interval_of_students_t(asked):
    given, found = asked
    low, high = stats.t.interval(0.95, 63, given["values"].mean(), stats.sem(given["values"]))
    assert found["mean"]["low"] == pytest.approx(low, rel=1e-4)
    assert found["mean"]["high"] == pytest.approx(high, rel=1e-4)
    assert found["student"] == pytest.approx(stats.t.ppf(0.975, [20, 63, 255, 999]), rel=1e-4)


def test_a_difference_is_that_of_pairs(asked):
    given, found = asked
    apart = given["values"] - given["others"]
    low, high = stats.t.interval(0.95, 63, apart.mean(), stats.sem(apart))
    assert (found["paired"]["low"], found["paired"]["high"]) == pytest.approx((low, high), rel=1e-4)
    assert found["paired"]["tied"] == (low <= 0 <= high)


def test_a_chance_has_the_interval_of_wilson(asked):
    _, found = asked
    interval = stats.binomtest(3, 64).proportion_ci(method="wilson")
    assert (found["chance"]["low"], found["chance"]["high"]) == pytest.approx((interval.low, interval.high))


def test_quantiles_are_those_of_numpy(asked):
    given, found = asked
    assert found["quantiles"] == pytest.approx(np.quantile(given["values"], [0, 0.05, 0.5, 0.95, 1]))
