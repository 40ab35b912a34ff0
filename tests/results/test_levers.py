"""Ranked levers, their frontier, what a tonne costs, and how many runs they need, on made tables worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.results.statistics.levers import (
    COSTS,
    DEAR,
    FREE,
    HARMS,
    HELPS,
    LITTLE,
    SAVES,
    UNKNOWN,
    UNTOLD,
    WORTH,
    frontier,
    marginal,
    ranking,
    runs_needed,
)
from tests.results.made import made

RUNS = 40
NOISE = np.tile([-1.0, 1.0], RUNS // 2)  # mean 0: cannot be told from nothing
LUCK = np.random.default_rng(1).normal(100, 5, RUNS)


def levers(effects, costs=None, alone=None):
    """Levers' runs: the package brings 10 Mt; by member, what it brings within the package (Mt less) and costs (MEUR)."""
    costs, alone = costs or {}, alone or {}
    emitted, public = {"baseline": LUCK, "package": LUCK - 10}, {"baseline": LUCK, "package": LUCK}
    for name, effect in effects.items():
        emitted |= {f"without {name}": LUCK - 10 + effect, f"only {name}": LUCK - alone.get(name, effect)}
        public |= {f"without {name}": LUCK - costs.get(name, 0.0), f"only {name}": LUCK + costs.get(name, 0.0)}
    return made(emitted, public_meur=public, private_meur={name: np.full(RUNS, 1000.0) for name in emitted})


def by_lever(table):
    return table.set_index("lever")


def test_levers_are_judged_by_what_they_bring_and_cost_within_the_package() -> None:
    effects = {"grant_share": 4, "skills_per_year": 3, "lock_in": 60 * NOISE, "phase_out": -2, "faster_permits": 0.5,
               "concessional_share": 2}  # fmt: skip
    costs = {"grant_share": 500 + NOISE, "skills_per_year": -30 + NOISE, "concessional_share": 200 + 4000 * NOISE}
    found = by_lever(ranking(levers(effects, costs), "cumulative_mt", co2_eur_per_t=100.0))
    assert found["verdict"].to_dict() == {
        "skills_per_year": WORTH, "concessional_share": HELPS, "grant_share": DEAR, "lock_in": UNTOLD,
        "faster_permits": LITTLE, "phase_out": HARMS,
    }  # fmt: skip
    assert found["money"].to_dict() == {
        "skills_per_year": SAVES, "concessional_share": UNKNOWN, "grant_share": COSTS, "lock_in": FREE,
        "faster_permits": FREE, "phase_out": FREE,
    }  # fmt: skip
    assert found.index.tolist() == list(found["verdict"].to_dict())  # best first
    assert found.loc["grant_share", "net_meur"] == pytest.approx(4 * 100 - 500)
    assert found.loc["grant_share", "eur_per_t"] == pytest.approx(500 / 4)


def test_a_cost_that_is_badly_known_is_no_small_cost_and_lifts_nothing() -> None:
    """The same effect and mean cost, known well and badly: the badly known one is not called free, nor put first."""
    table = levers({"grant_share": 5, "lock_in": 5}, {"grant_share": 200 + NOISE, "lock_in": 200 + 5000 * NOISE})
    found = ranking(table, "cumulative_mt", co2_eur_per_t=100.0)
    assert found["lever"].tolist() == ["grant_share", "lock_in"]
    assert by_lever(found)["money"].to_dict() == {"grant_share": COSTS, "lock_in": UNKNOWN}


def test_a_trifle_that_is_cheap_does_not_come_before_what_brings_much() -> None:
    """Per euro the trifle is a thousand times better."""
    table = levers({"grant_share": 5, "lock_in": 0.05}, {"grant_share": 300 + NOISE, "lock_in": 0.001})
    found = ranking(table, "cumulative_mt", co2_eur_per_t=100.0)
    assert found["lever"].tolist() == ["grant_share", "lock_in"]
    assert found["verdict"].tolist() == [WORTH, LITTLE]


def test_effects_upon_the_baseline_stand_beside_those_within_the_package() -> None:
    found = by_lever(ranking(levers({"grant_share": 4}, alone={"grant_share": -1}), "cumulative_mt"))
    assert found.loc["grant_share", ["effect", "alone"]].tolist() == pytest.approx([4, -1])


def test_a_practice_is_added_to_the_package() -> None:
    emitted = {"baseline": LUCK, "package": LUCK - 10, "practice longer-tenor": LUCK - 1,
               "package and longer-tenor": LUCK - 13}  # fmt: skip
    row = ranking(made(emitted), "cumulative_mt").iloc[0]
    assert (row["lever"], row["stakeholder"], row["is_member"]) == ("longer-tenor", "lenders", False)
    assert (row["effect"], row["alone"]) == pytest.approx((3, 1))


def test_verdicts_are_adjusted_for_the_number_of_levers() -> None:
    """A mean of 2.5 errors is told by itself (p 0.017), and not among twenty."""
    values = 2.0 + NOISE * 2.0 / 2.5 * (RUNS - 1) ** 0.5
    names = ["grant_share", "lock_in", "phase_out", "faster_permits", "skills_per_year", "sanctions", "monitoring"]
    one = by_lever(ranking(levers({"grant_share": values}), "cumulative_mt"))
    many = by_lever(ranking(levers(dict.fromkeys(names, values)), "cumulative_mt"))
    assert one.loc["grant_share", "verdict"] == HELPS
    assert set(many["verdict"]) == {UNTOLD}
    assert many["p_holm"].min() == pytest.approx(len(names) * one["p_holm"].iloc[0])


def test_where_co2_has_no_value_levers_are_ranked_by_effect() -> None:
    table = levers({"grant_share": 3, "lock_in": 5}, {"lock_in": 10_000.0})
    found = ranking(table, "cumulative_mt")
    assert found["lever"].tolist() == ["lock_in", "grant_share"]
    assert found["net_meur"].isna().all()


def test_other_outcomes_have_no_price_per_tonne() -> None:
    table = levers({"grant_share": 3})
    table["jobs_total"] = 1000.0 - table["cumulative_mt"]
    found = ranking(table, "jobs_total", co2_eur_per_t=100.0)
    assert "eur_per_t" not in found.columns
    assert found["net_meur"].isna().all()


def test_a_lead_is_only_called_one_if_it_is_told() -> None:
    clear = ranking(levers({"grant_share": 5 + 0.1 * NOISE, "lock_in": 3}), "cumulative_mt")
    assert clear["is_ahead"].tolist() == [True, True]  # the last has none behind it
    close = ranking(levers({"grant_share": 3.2 + 3 * NOISE, "lock_in": 3}), "cumulative_mt")
    assert close.sort_values("effect")["is_ahead"].tolist()[-1] is False


def test_the_frontier_leaves_out_what_something_cheaper_beats() -> None:
    effects = {"grant_share": 5, "lock_in": 2, "skills_per_year": 4, "phase_out": -3, "faster_permits": 6}
    costs = {"grant_share": 300.0, "lock_in": 10.0, "skills_per_year": 200.0, "faster_permits": 900.0}
    found = frontier(ranking(levers(effects, costs), "cumulative_mt", 100.0))
    assert found["lever"].tolist() == ["lock_in", "skills_per_year", "grant_share", "faster_permits"]
    dear = frontier(ranking(levers(effects, costs | {"skills_per_year": 400.0}), "cumulative_mt", 100.0))
    assert dear["lever"].tolist() == ["lock_in", "grant_share", "faster_permits"]


def test_a_tonne_costs_the_ratio_of_means_with_its_interval() -> None:
    """Fieller's interval against one by resampling pairs."""
    rng = np.random.default_rng(3)
    less = rng.normal(10, 4, 400)
    cost = 50 * less + rng.normal(0, 300, 400) + 100
    table = made({"base": np.full(400, 100.0), "help": 100 - less}, public_meur={"base": np.zeros(400), "help": cost})
    row = marginal(table, "base").iloc[0]
    assert row["eur_per_t"] == pytest.approx(cost.mean() / less.mean())
    picks = rng.integers(0, 400, (4000, 400))
    low, high = np.quantile(cost[picks].mean(axis=1) / less[picks].mean(axis=1), [0.025, 0.975])
    assert (row["eur_per_t_low"], row["eur_per_t_high"]) == pytest.approx((low, high), rel=0.02)


def test_a_tonne_has_no_price_where_it_cannot_be_told_that_there_is_one() -> None:
    base = np.full(RUNS, 100.0)
    table = made({"base": base, "unclear": base - 1 + 50 * NOISE, "worse": base + 3},
                 public_meur={"base": base, "unclear": base + 5, "worse": base + 5})  # fmt: skip
    assert marginal(table, "base")["eur_per_t"].isna().all()


@pytest.mark.parametrize(("spread", "expected"), [(0.001, 100), (4.0, 250), (1000.0, 1000)])
def test_levers_get_the_runs_that_their_decision_needs(spread, expected) -> None:
    # The package brings 50 of 100 Mt: what matters is a hundredth of 100 Mt. 1.96^2 x 4^2 x 40/39 / 0.5^2 is 252.
    base = np.full(RUNS, 50.0)
    table = made({"base": base, "help": base - 25 + spread * NOISE})
    found = runs_needed(table, "cumulative_mt", "base", "help", 100, 1000)
    assert found == pytest.approx(expected, abs=10)


def test_all_levers_of_all_stakeholders_stand_together() -> None:
    table = ranking(levers({"sanctions": 3, "grant_share": 2}), "cumulative_mt")
    assert table["stakeholder"].tolist() == ["government", "pact"]
    assert isinstance(table, pd.DataFrame)
