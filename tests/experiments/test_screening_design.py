"""The Morris design of a screening, its luck, and the effects that are read from it."""

import json

import numpy as np
import pandas as pd
import pytest

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.cli.sensitivity import describe
from clusterpact.experiments.screening import LEVELS, LUCK, Screening, problem_of, salib
from clusterpact.inputs import InputError
from clusterpact.results.statistics.sensitivity import agreement, elementary_effects, outcomes_by_point, screen

FACTORS = ("surplus_share", "price_noise", "bindingness", LUCK)


# The design.


def test_a_design_holds_a_point_more_than_factors_per_trajectory():
    design = Screening.lay_out(FACTORS, trajectories=6, replicates=5, seed=1)
    assert design.sample.shape == (6 * 5, 4)
    assert design.runs == 6 * 5 * 5
    assert set(np.rint(3 * design.sample).reshape(-1)) <= {0, 1, 2, 3}  # four levels: 0, 1/3, 2/3 and 1
    assert np.allclose(3 * design.sample, np.rint(3 * design.sample))


def test_a_trajectory_moves_every_factor_once_by_two_levels():
    design = Screening.lay_out(FACTORS, trajectories=6, replicates=1, seed=1)
    for points in design.sample.reshape(6, 5, 4):
        steps = np.abs(np.diff(points, axis=0))
        assert np.allclose(np.sort(steps, axis=1), [0, 0, 0, 2 / 3])
        assert np.allclose(steps.sum(axis=0), 2 / 3)


@pytest.mark.parametrize("seed", [0, 42, 2**63 - 1])
def test_the_same_seed_gives_the_same_design(seed):
    first, second = (Screening.lay_out(FACTORS, 6, 5, seed).sample for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_another_seed_gives_another_design():
    first, second = (Screening.lay_out(FACTORS, 6, 5, seed).sample for seed in (1, 2))
    assert first.tobytes() != second.tobytes()


def test_the_luck_of_others_does_not_touch_the_design():
    first = Screening.lay_out(FACTORS, 6, 5, 1).sample
    np.random.seed(123)
    assert Screening.lay_out(FACTORS, 6, 5, 1).sample.tobytes() == first.tobytes()


def test_a_design_is_laid_out_again_from_its_data():
    design = Screening.lay_out(FACTORS, 6, 5, 1)
    again = Screening.lay_out(**json.loads(json.dumps(design.as_data())))
    assert again.sample.tobytes() == design.sample.tobytes()
    assert (again.factors, again.replicates) == (design.factors, design.replicates)


def test_values_lie_within_the_bounds_and_stay_the_same_over_the_replicates():
    design = Screening.lay_out([*PARAMETERS, LUCK], trajectories=4, replicates=3, seed=1)
    values = design.values(0, design.runs)
    assert list(values) == list(PARAMETERS)
    for name, drawn in values.items():
        bounds = PARAMETERS[name]
        rounding = 1e-12 * bounds.high
        assert drawn.min() >= bounds.low - rounding
        assert drawn.max() <= bounds.high + rounding
        assert len(set(drawn)) >= 2
        points = drawn.reshape(-1, 3)
        assert (points == points[:, :1]).all()


def made_design():
    """Three points of two factors, by hand; the bounds of surplus_share are 0 and 0.6."""
    sample = np.array([[0.0, 0.0], [2 / 3, 0.0], [2 / 3, 2 / 3]])
    return Screening(("surplus_share", LUCK), 1, 3, 0, sample)


def test_a_parameter_moves_over_its_whole_range():
    assert (PARAMETERS["surplus_share"].low, PARAMETERS["surplus_share"].high) == (0.0, 0.6)
    assert made_design().values(0, 9)["surplus_share"] == pytest.approx([0, 0, 0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4])


def test_points_share_their_luck_until_the_factor_luck_swaps_it():
    # Three replicates: numbers 0 to 2 at the lowest level of luck, 6 to 8 at the third of four.
    numbers = made_design().numbers(0, 9)
    assert numbers.dtype == np.uint64
    assert numbers.tolist() == [0, 1, 2, 0, 1, 2, 6, 7, 8]


def test_a_range_of_runs_is_a_part_of_the_whole():
    design = Screening.lay_out(FACTORS, 6, 5, 1)
    numbers, values = design.numbers(0, design.runs), design.values(0, design.runs)
    for first, runs in ((0, 1), (3, 9), (design.runs - 2, 2)):
        assert (design.numbers(first, runs) == numbers[first : first + runs]).all()
        for name, part in design.values(first, runs).items():
            assert (part == values[name][first : first + runs]).all()


def test_the_luck_of_a_run_hangs_on_nothing_but_the_factor_luck_and_the_replicate():
    design = Screening.lay_out(FACTORS, 20, 5, 1)
    numbers = design.numbers(0, design.runs).reshape(-1, 5)
    levels = np.rint(3 * design.sample[:, FACTORS.index(LUCK)]).astype(int)
    assert set(levels) == {0, 1, 2, 3}
    for level in range(4):
        assert (numbers[levels == level] == 5 * level + np.arange(5)).all()


# Elementary effects.

NAMES = ("zinc", "alum", "mica", "lead")  # in no order, so that a mix-up shows


def design_of(names, trajectories=10):
    problem = problem_of(names)
    return problem, salib().sample.morris.sample(problem, trajectories, num_levels=LEVELS, seed=3)


def test_effects_of_a_straight_line_are_its_coefficients():
    problem, sample = design_of(NAMES)
    table = elementary_effects(salib(), problem, sample, 7 + sample @ [1.0, -5.0, 0.0, 3.0], LEVELS, 1)
    assert table["factor"].tolist() == ["alum", "lead", "zinc", "mica"]  # the largest first
    assert table["mu_star"].to_numpy() == pytest.approx([5, 3, 1, 0])
    assert table["mu"].to_numpy() == pytest.approx([-5, 3, 1, 0])
    for column in ("sigma", "mu_star_conf"):
        assert table[column].to_numpy() == pytest.approx([0] * 4, abs=1e-9)
    for column in ("half_1", "half_2"):
        assert table[column].to_numpy() == pytest.approx([5, 3, 1, 0])
    assert agreement(table) == pytest.approx(1.0)


def test_an_interaction_shows_as_spread():
    problem, sample = design_of(("first", "second"), 200)
    table = elementary_effects(salib(), problem, sample, 6 * sample[:, 0] * sample[:, 1], LEVELS, 1)
    # The effect of one is 6 times the other, which lies at 0, 1/3, 2/3 and 1 alike: mean 3, deviation 6 * sqrt(5) / 6.
    assert table["mu_star"].to_numpy() == pytest.approx([3, 3], rel=0.15)
    assert table["sigma"].to_numpy() == pytest.approx([5**0.5] * 2, rel=0.15)
    assert (table["mu_star_conf"] > 0).all()


def test_effects_that_cancel_out_count_by_their_size():
    problem, sample = design_of(("first", "second"), 200)
    bend = np.where(np.isclose(sample[:, 0] % 1, 0), 0.0, 4.0)  # up from the ends, down from the middle
    table = elementary_effects(salib(), problem, sample, bend, LEVELS, 1).set_index("factor")
    assert table.loc["first", "mu_star"] == pytest.approx(6.0)  # 4 over 2/3 of the range
    assert abs(table.loc["first", "mu"]) < 1.0
    assert table.loc["second", "mu_star"] == 0.0


def test_a_screen_lists_every_outcome_with_ranks():
    problem, sample = design_of(("b", "a"))
    table = screen(salib(), problem, sample, {"x": 2 * sample[:, 0], "y": 3 * sample[:, 1]}, LEVELS, 1)
    assert table[["outcome", "factor", "rank"]].to_numpy().tolist() == [
        ["x", "b", 1], ["x", "a", 2], ["y", "a", 1], ["y", "b", 2],
    ]  # fmt: skip


def test_halves_that_disagree_say_so():
    table = pd.DataFrame({"half_1": [1.0, 2.0, 3.0], "half_2": [30.0, 20.0, 10.0]})
    assert agreement(table) == pytest.approx(-1.0)


def made_outcomes(runs):
    """Outcomes of runs, two a point; the hub is decided in runs 0 (by 2040) and 2 (too late)."""
    table = pd.DataFrame({
        "run": runs, "abated_share_2030": 0.0, "abated_share_2050": [0.1 * run for run in runs],
        "cumulative_mt": [10.0 + run for run in runs], "public_meur": [100.0 * (run + 1) for run in runs],
        "avoided_mt": [1.0 + run % 2 for run in runs],
    })  # fmt: skip
    table["fid_year_hub"] = [{0: 2040.0, 2: 2040.25}.get(run, np.nan) for run in runs]
    return table


def test_outcomes_are_means_over_the_replicates_of_a_point():
    found = outcomes_by_point(made_outcomes([3, 1, 0, 2]), 2, ["hub"])  # in any order
    assert found["abated share in 2050"] == pytest.approx([0.05, 0.25])
    assert found["chance of hub by 2040"] == pytest.approx([0.5, 0.0])
    assert found["cumulative emissions, Mt"] == pytest.approx([10.5, 12.5])
    assert found["public EUR per t avoided"] == pytest.approx([100.0, 700 / 3])  # 300 MEUR over 3 Mt, 700 over 3


def test_euros_per_tonne_are_left_out_where_a_point_avoids_nothing():
    table = made_outcomes([0, 1, 2, 3])
    table.loc[2:, "avoided_mt"] = 0.0
    assert "public EUR per t avoided" not in outcomes_by_point(table, 2, [])


def test_rounding_is_nothing_avoided():
    """What a short horizon avoids is baseline less emissions, zero but for the last bit: 700 MEUR over that say nothing."""
    table = made_outcomes([0, 1, 2, 3])
    table.loc[2:, "avoided_mt"] = 1.8e-15
    assert "public EUR per t avoided" not in outcomes_by_point(table, 2, [])


@pytest.mark.parametrize("runs", [[], [0, 1, 2], [0, 1, 3]])
def test_a_design_with_failed_runs_is_not_analysed(runs):
    with pytest.raises(InputError, match=r"some runs failed.*failures\.json"):
        outcomes_by_point(made_outcomes(runs), 2, ["hub"])


def test_failed_runs_of_two_points_are_not_taken_for_one_point():
    """Without runs 1 and 2, four runs are left, but runs 0 and 3 are no point."""
    with pytest.raises(InputError, match="some runs failed"):
        outcomes_by_point(made_outcomes([0, 3, 4, 5]), 2, ["hub"])


def test_lines_say_what_stands_out_from_the_luck():
    rows = [("surplus_share", 5.0, 1.0, 5.1, 4.9), (LUCK, 2.0, 0.5, 2.0, 2.0), ("price_noise", 2.5, 1.0, 2.4, 2.6)]
    table = pd.DataFrame(rows, columns=["factor", "mu_star", "mu_star_conf", "half_1", "half_2"])
    table.insert(0, "outcome", "x")
    table["mu"], table["sigma"] = table["mu_star"], 0.1
    head, *lines = describe(table)
    # 5 - 1 is more than the luck's 2, and 2.5 - 1 is not. The ranks of the halves: 3, 1, 2 and 3, 1, 2.
    assert head == "x: 1 of 2 factors stand out from the noise of the luck (2); rank correlation of two halves 1.00"
    assert [line.split()[0] for line in lines if line] == ["surplus_share", "price_noise"]
    assert lines[0].endswith("(0 to 0.6 -)")
