"""The comparison with other frameworks: all have the same world, what differs is found, the page says what was measured."""

import argparse
import doctest
import importlib

import numpy as np
import pytest

from benchmarks import adoption, growth, measure, peers, timing
from benchmarks.adoption import FIRMS, QUARTERS, hazard, in_clusterpact, in_numpy, reference
from benchmarks.processes import PeerError, Process
from benchmarks.timing import Interval, cut, interval, rounds
from clusterpact.sim.scenario import read_scenario

WORLDS, FEW = 3, 12
OTHERS = {"in_numpy": "numpy", "in_mesa": "mesa", "in_agentpy": "agentpy", "in_mesa_frames": "mesa_frames"}
TWICE = Interval(2.0, 1.5, 2.5)


def module_of(name):
    pytest.importorskip(OTHERS[name], reason=f"{OTHERS[name]} is not installed here; `make bench-peers` installs it")
    return importlib.import_module(f"benchmarks.adoption.{name}")


class Told:
    """A framework that gives told answers, and takes a told time for a world."""

    def __init__(self, same, own, seconds=0.0):
        self.same, self.own, self.each = same, own, seconds

    def ask(self, call, worlds, firms, told=""):
        return {"answer": self.same if told else self.own}

    def seconds(self, call, worlds, firms):
        return self.each * worlds


@pytest.mark.parametrize("module", [adoption, peers, timing], ids=lambda module: module.__name__)
def test_examples_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0


def test_the_definition_by_hand():
    """Two firms: the first adopts at once, the second once the other's example makes it likely enough."""
    draws = np.full((1, QUARTERS, 2), 0.999)
    draws[0, 0] = (0.001, 0.003)
    draws[0, 1] = (0.999, hazard(0.5))
    draws[0, 2] = (0.999, hazard(0.5) - 1e-9)
    (curve,) = reference(draws[:, :4])
    assert [*curve] == [1.0]
    (curve,) = reference(draws[:, [0, 1, 1, 1]])
    assert [*curve] == [0.5]


@pytest.mark.parametrize("name", OTHERS)
def test_every_framework_gives_the_curves_of_the_definition_from_the_same_draws(name):
    told = in_clusterpact.draws_of(WORLDS, FEW)
    found = module_of(name).curves(WORLDS, FEW, told)
    assert np.array_equal(found, reference(told))
    assert 0.0 < found[:, -1].mean() < 1.0


def test_the_compiled_rules_give_the_curves_of_the_definition():
    assert np.array_equal(in_clusterpact.curves(WORLDS, FEW), reference(in_clusterpact.draws_of(WORLDS, FEW)))


@pytest.mark.parametrize("name", OTHERS)
def test_every_framework_gives_the_same_mean_from_its_own_draws(name):
    assert peers.distance(module_of(name).curves(60, FIRMS)) < peers.STANDARD_ERRORS


def test_worlds_in_parts_of_an_array_are_those_of_a_whole_one(monkeypatch):
    told = in_clusterpact.draws_of(WORLDS, FEW)
    monkeypatch.setattr(in_numpy, "AT_ONCE", 2 * FEW)
    assert np.array_equal(in_numpy.curves(WORLDS, FEW, told), reference(told))


def test_a_framework_with_other_curves_is_not_measured(tmp_path):
    right = reference(in_clusterpact.draws_of(peers.TOLD, FIRMS))
    own = in_clusterpact.curves(peers.CHECKED, FIRMS)
    peers.check("Mesa", Told(right, own), tmp_path)
    wrong = right.copy()
    wrong[-1, -1] += 1 / FIRMS
    with pytest.raises(PeerError, match="Mesa: other curves"):
        peers.check("Mesa", Told(wrong, own), tmp_path)
    with pytest.raises(PeerError, match=r"Mesa: a mean lies .* standard errors"):
        peers.check("Mesa", Told(right, own + 0.1), tmp_path)


def test_a_speed_is_told_against_ours_in_the_same_round():
    measured = {peers.OURS: Told([], [], seconds=0.01), "Mesa": Told([], [], seconds=0.2)}
    found = peers.speeds(measured, FEW, 6)
    assert found["Mesa"].ratio == pytest.approx((20.0, 20.0, 20.0))
    assert found["Mesa"].worlds == pytest.approx((5.0, 5.0, 5.0))
    assert found[peers.OURS].ratio == pytest.approx((1.0, 1.0, 1.0))
    assert peers.enough_worlds(measured["Mesa"], FEW) * 0.2 >= peers.ENOUGH


def test_a_framework_answers_from_a_process_of_its_own():
    with Process("benchmarks.adoption.in_numpy") as peer:
        found = peer.ask("curves", worlds=2, firms=FEW)["answer"]
        assert np.array_equal(found, in_numpy.curves(2, FEW))
        assert peer.ask("version_of", names=["numpy"])["answer"] == [f"numpy {np.__version__}"]


def test_a_framework_that_is_not_there_is_one_line():
    with (
        Process("benchmarks.adoption.in_nothing") as peer,
        pytest.raises(PeerError, match=r"No module named .*in_nothing") as said,
    ):
        peer.ask("curves", worlds=1, firms=1)
    assert "\n" not in str(said.value)
    with pytest.raises(PeerError, match="cannot be started"):
        Process("benchmarks.adoption.in_numpy", python="/nowhere/python")


def test_an_interval_leaves_out_what_chance_allows():
    """Fewer than k of n values lie on one side of the median with a binomial chance: 6 hold it with 97 %, 5 do not."""
    assert interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0]) == (3.5, 1.0, 6.0)
    assert interval([float(value) for value in range(9)]) == (4.0, 1.0, 7.0)
    draws = np.random.default_rng(1).random((2000, 15))
    found = [interval([*row]) for row in draws]
    assert np.mean([one.low <= 0.5 <= one.high for one in found]) > 0.95
    assert np.mean([sorted(row)[cut(15) + 1] <= 0.5 <= sorted(row)[-2 - cut(15)] for row in draws]) < 0.95
    with pytest.raises(ValueError, match="5 values have no interval"):
        interval([1.0] * 5)
    for wrong in ("5", "-7", "many"):
        with pytest.raises(argparse.ArgumentTypeError, match="expected 6 or more"):
            rounds(wrong)


def test_a_larger_cluster_has_everything_in_proportion():
    scenario = read_scenario(growth.DUNKIRK)
    larger = growth.larger(scenario, 3)
    worlds = [growth.world_of(one).template for one in (scenario, larger)]
    for records, field in (("firms", "emission_kt"), ("owners", "group_cash_flow_meur"), ("financiers", "capital_meur")):
        base, found = (getattr(world, records)[field].sum() for world in worlds)
        assert found == pytest.approx(3 * base, rel=1e-9), field
    assert len(larger.owners) == 3 * len(scenario.owners)
    assert len(worlds[1].firms) == 3 * len(worlds[0].firms)
    assert len(larger.projects) > 2 * len(scenario.projects)


def test_plants_in_more_units_and_more_clusters_emit_what_they_did(tmp_path):
    scenario = read_scenario(growth.DUNKIRK)
    emitted = sum(plant.scope1_kt_per_year for plant in scenario.plants)
    divided = growth.divided(3, tmp_path / "divided")
    assert len(divided.plants) == 3 * len(scenario.sites)
    assert sum(plant.scope1_kt_per_year for plant in divided.plants) == pytest.approx(emitted, rel=1e-9)
    several = growth.several(2, tmp_path / "several")
    assert len(several.clusters) == 2
    assert sum(plant.scope1_kt_per_year for plant in several.plants) == pytest.approx(2 * emitted, rel=1e-9)
    lent = [sum(lender.capital_meur for lender in one.file.financier) for one in (scenario, several)]
    assert lent[1] == pytest.approx(2 * lent[0])


def test_growth_reads_as_one_where_it_is_linear():
    assert growth.per([10, 40], [Interval(1.0, 1.0, 1.0), Interval(4.0, 2.0, 8.0)]) == [(10, (1, 1, 1)), (40, (1, 0.5, 2))]
    lines = growth.growth_rows({"firms": [(10, TWICE)], "years": [(6, TWICE)]})
    assert lines[0] == "| firms | time per firm |   | years | time per year |"
    assert lines[2] == "| 10 | 2.00 (1.50 to 2.50) |   | 6 | 2.00 (1.50 to 2.50) |"


def made(**speeds):
    """Measurements, made up."""
    adoption = {FIRMS: {name: peers.Speed(one, one) for name, one in speeds.items()}}
    kernel, grown = {"the kernel": peers.Speed(TWICE, TWICE)}, {"runs": [(25, TWICE)]}
    return peers.Measured(adoption, ["numpy 2"], 12.4, kernel, 7488, grown, [(1000, 321.4)], 7, 6)


def test_the_page_says_what_was_measured_and_what_was_left_out():
    page = peers.page_of(made(clusterpact=TWICE))
    assert f"| clusterpact | 2.00 | {peers.figure(2.0 * FIRMS * QUARTERS)} | 2.00 x (1.50 to 2.50) |" in page
    assert "| the kernel | 2.00 | 15,000 |" in page
    assert "| 1,000 | 321 |" in page
    assert "mesa-frames was left out" in page
    assert "left out" not in peers.page_of(made(**{"mesa-frames": TWICE}))


def test_the_page_of_the_kernel_says_what_is_to_be_reached():
    speeds = {"lowest": 8.12e6, "highest": 9.5e6, "two_threads": 1.9}
    mesa = {"mesa": 12000.0, "plain": 900.0, "draw_share": 0.01, "ratio": 4000.0, "ratio_without_draws": 3990.0}
    start = {"cold": 39.0, "warm": 1.94, "help": 0.19, "import": 0.28}
    found = {"machine": {"processor": "a processor"}, "kernel": speeds, "instructions": {}, "mesa": mesa, "start": start,
             "memory": {"peak": [(1000, 414.0)]}, "growth": {"runs": [(25, TWICE)]}}  # fmt: skip
    page = measure.report(found)
    for row in (
        "8.12 to 9.50 million agent-steps/s (by policy) | 8 million |",
        "nothing compiled | 39 s | 40 s |",
        "the same, warm | 1.9 s | 2 s |",
        "`import clusterpact` | 0.28 s | 0.3 s |",
        "| 25 | 2.00 (1.50 to 2.50) |",
    ):
        assert row in page, row
