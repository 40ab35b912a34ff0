"""Which step follows which signal: tables recomputed from outcomes by hand, on made worlds and under both drivers."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import reopen_run
from clusterpact.policies.package import parse_package
from clusterpact.results.about import About
from clusterpact.results.statistics.pathways import LEAST_SHARE, pathway_tables, wilson
from clusterpact.results.store import start_columns
from clusterpact.results.summary import read_table
from tests.results.made import small_result

FIRST, LAST, RUNS = 2026, 2045, 200
NEVER = math.nan
PLAN = {
    "name": "plan",
    "monitoring": {"schedule": [[2034, 0.8], [2036, 0.5], [2040, 0.0]]},
    "sanctions": 0.05,
    "grant_share": {"value": 0.4, "when": "signed_share.hub >= 0.6", "for": {"sector": "cement"}},
    "lock_in": {"value": 0.5, "when": "carbon_price_eur_per_t < 60 for 2 years"},
    "phase_out": {"value": 1.0, "when": "reversals >= 3"},
    "peer_learning": {"schedule": [[2029, 1.0]]},
    "skills_per_year": {"schedule": [[2028, 0.1]]},
    "green_premium_eur_per_t": {"schedule": [[2026, 0.0]]},
    "loan_guarantee_share": {"schedule": [[2050, 0.5]]},
}
#: In the order of their starts.
STEPS = ("sanctions", "skills_per_year", "peer_learning", "monitoring", "grant_share", "lock_in", "phase_out")


def made_outcomes():
    """Grants start from 2027 on, locking in two years later or never, the phase-out never; beside it a plan by calendar."""
    random = np.random.default_rng(7)
    grants = random.integers(FIRST + 1, 2038, RUNS).astype(float)
    grants[random.random(RUNS) < 0.3] = NEVER
    locked = np.where(random.random(RUNS) < 0.5, np.nan_to_num(grants, nan=2031.0) + 2, NEVER)
    starts = {"grant_share": grants, "lock_in": locked, "phase_out": np.full(RUNS, NEVER)}
    plan = pd.DataFrame(
        {"policy": "plan", "run": range(RUNS)} | {f"start_year_{name}": years for name, years in starts.items()}
    )
    return pd.concat([plan.assign(policy="base", **{name: NEVER for name in plan if name.startswith("start_")}), plan],
                     ignore_index=True)  # fmt: skip


def made_about(policies=(), names=None):
    """What is said of a made result."""
    packages = policies or (parse_package(PLAN, ""),)
    return About("Made", "0" * 12, "0" * 12, RUNS, 1, FIRST, LAST, "base", packages, {}, {}, "", "", 1.0, names or {}, {},
                 (), {}, (), 0, ())  # fmt: skip


@pytest.fixture(scope="module")
def outcomes():
    return made_outcomes()


@pytest.fixture(scope="module")
def tables(outcomes):
    policies = (parse_package({"name": "base", "grant_share": 0.1}, ""), parse_package(PLAN, ""))
    return pathway_tables(outcomes, policies, FIRST, LAST)


def starts_by_hand(outcomes, plan, first, last):
    """The first year in which each step of a plan is in force in each run, and the year of its end; never is none."""
    rows = outcomes[outcomes["policy"] == plan["name"]]
    starts, ends = {}, {}
    for name, value in plan.items():
        if name in ("name", "base"):
            continue
        if isinstance(value, dict) and "when" in value:
            starts[name] = [None if math.isnan(year) else int(year) for year in rows[f"start_year_{name}"]]
            continue
        points = value["schedule"] if isinstance(value, dict) else [[first, value]]
        years = [year for year in range(first, last + 1) if ([v for y, v in points if y <= year] or [0])[-1] > 0]
        if years:
            starts[name] = [years[0]] * len(rows)
            ends[name] = years[-1] + 1 if years[-1] < last else None
    return starts, ends


def check(tables, outcomes, plan, first, last):
    """Every number of the three tables, from outcomes, run by run."""
    starts, ends = starts_by_hand(outcomes, plan, first, last)
    name, runs = plan["name"], int((outcomes["policy"] == plan["name"]).sum())
    mine = {table: rows[rows["policy"] == name] for table, rows in tables.items()}
    assert set(mine["pathway_steps"]["instrument"]) == set(starts)
    for row in mine["pathways"].to_dict("records"):
        until = ends.get(row["instrument"]) or last + 1
        in_force = sum(year is not None and year <= row["year"] < until for year in starts[row["instrument"]])
        assert (row["runs"], row["share"]) == (runs, in_force / runs), row
        if row["signal"]:
            interval = stats.binomtest(in_force, runs).proportion_ci(0.95, "wilson")
            assert (row["share_low"], row["share_high"]) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert len(mine["pathways"]) == len(starts) * (last - first + 1)
    for row in mine["pathway_steps"].to_dict("records"):
        known = sorted(year for year in starts[row["instrument"]] if year is not None)
        assert row["started_share"] == len(known) / runs
        assert row["never_share"] == pytest.approx(1 - len(known) / runs)
        found = [row[f"year_{end}"] for end in ("p5", "median", "p95")]
        if known:  # the first year by which so many of the runs in which it starts have started it
            assert found == [known[max(0, math.ceil(q * len(known)) - 1)] for q in (0.05, 0.5, 0.95)], row
        else:
            assert all(map(pd.isna, found))
        assert (None if pd.isna(row["end_year"]) else row["end_year"]) == ends.get(row["instrument"])
    signals = mine["pathway_steps"].set_index("instrument")["signal"]
    for row in mine["pathway_orders"].to_dict("records"):
        pairs = list(zip(starts[row["earlier"]], starts[row["later"]], strict=True))
        both = [(a, b) for a, b in pairs if a is not None and b is not None]
        after = sorted((b, b - a) for a, b in both if b > a)
        assert row["share"] == len(after) / runs
        assert row["other_way_share"] == sum(a > b for a, b in both) / runs
        assert signals[row["later"]]
        assert row["other_way_share"] <= row["share"] or not signals[row["earlier"]]
        assert row["same_year_share"] == sum(a == b for a, b in both) / runs
        if after:
            middle = math.ceil(len(after) / 2) - 1
            assert row["later_year_median"] == after[middle][0]
            assert row["years_between_median"] == sorted(gap for _, gap in after)[middle]


def test_every_number_is_that_of_the_runs(tables, outcomes):
    check(tables, outcomes, PLAN, FIRST, LAST)
    assert tables["pathway_steps"]["instrument"].tolist() == list(STEPS)
    signals = tables["pathway_steps"].set_index("instrument")["signal"]
    assert signals["lock_in"] == "carbon_price_eur_per_t < 60 for 2 years"
    assert signals["monitoring"] == ""
    assert set(tables["pathways"]["policy"]) == {"plan"}  # the other one waits for nothing


def test_an_order_that_the_calendar_decides_is_no_order(tables):
    """Whatever starts in the first year, or before a signal can have been seen, comes first anyhow."""
    pairs = {frozenset(pair) for pair in tables["pathway_orders"][["earlier", "later"]].itertuples(index=False)}
    assert not [pair for pair in pairs if "sanctions" in pair]
    assert frozenset(("skills_per_year", "lock_in")) not in pairs  # seen in Januaries of 2027 and 2028 at the earliest
    assert frozenset(("skills_per_year", "grant_share")) in pairs
    assert frozenset(("peer_learning", "lock_in")) in pairs
    assert frozenset(("peer_learning", "monitoring")) not in pairs


def test_told_is_what_stands_beside_the_other_way_for_all_pairs_at_once(tables):
    """And where one of the two starts by the calendar, the other way round has to come about as well."""
    orders, signals = tables["pathway_orders"], tables["pathway_steps"].set_index("instrument")["signal"]
    limit = 1 - 0.05 / len(orders)
    for row in orders.to_dict("records"):
        after, before = round(row["share"] * RUNS), round(row["other_way_share"] * RUNS)
        told = row["share"] >= LEAST_SHARE and (signals[row["earlier"]] or row["other_way_share"] >= LEAST_SHARE)
        told = bool(told) and stats.binomtest(after, after + before).proportion_ci(limit, "wilson").low > 0.5
        assert row["is_told"] == told, row
    named = orders.set_index(["earlier", "later"])["is_told"]
    assert named["grant_share", "lock_in"]
    assert named["peer_learning", "grant_share"]
    assert not named["peer_learning", "lock_in"]  # never the other way round: the calendar has decided
    assert not orders[orders[["earlier", "later"]].eq("phase_out").any(axis=1)]["is_told"].any()


def chain(*gaps):
    """Orders of three steps, of which the second and the third start so many years after the first, where they do."""
    plan = {name: {"value": value, "when": f"reversals > {level}"}
            for name, value, level in (("grant_share", 0.4, 1), ("lock_in", 0.5, 2), ("phase_out", 1.0, 3))}  # fmt: skip
    outcomes = pd.DataFrame({"policy": "p", "run": range(100), "start_year_grant_share": 2030.0})
    for name, (gap, runs) in zip(("lock_in", "phase_out"), gaps, strict=True):
        outcomes[f"start_year_{name}"] = np.where(np.arange(100) < runs, 2030.0 + gap, NEVER)
    tables = pathway_tables(outcomes, (parse_package({"name": "p"} | plan, ""),), FIRST, LAST)
    return tables["pathway_orders"].set_index(["earlier", "later"])


def test_an_order_through_a_third_step_that_is_no_rarer_is_not_direct():
    through = chain((2, 80), (5, 60))
    assert through["is_told"].all()
    assert through["is_direct"].to_dict() == {
        ("grant_share", "lock_in"): True, ("grant_share", "phase_out"): False, ("lock_in", "phase_out"): True,
    }  # fmt: skip
    rarer = chain((2, 30), (5, 60))
    assert rarer["is_told"].all()
    assert rarer["is_direct"].all()


def test_nothing_is_tabled_where_nothing_waits(outcomes):
    assert pathway_tables(outcomes, (parse_package({"name": "base", "grant_share": 0.1}, ""),), FIRST, LAST) == {}


@pytest.mark.parametrize(("count", "runs"), [(0, 1), (1, 1), (0, 40), (40, 40), (7, 40), (399, 1000)])
def test_an_interval_of_a_share_is_that_of_wilson(count, runs):
    for confidence in (0.95, 0.999):
        known = stats.binomtest(count, runs).proportion_ci(confidence, "wilson")
        low, high = wilson(count, runs, confidence)
        assert (low, high) == pytest.approx((known.low, known.high), abs=1e-9)
        assert 0.0 <= low <= count / runs <= high <= 1.0


TRIGGERED = """
name = "small"
title = "Small"
cluster = "."
horizon = [2026, 2045]
runs = 12
seed = 1
baseline = "current-policies"
policies = ["current-policies"]
[uncertainty]
carbon_price_level = { triangular = [0.0, 0.5, 1.0] }
[[policy]]
name = "answers"
base = "current-policies"
monitoring = { schedule = [[2033, 0.8], [2040, 0.0]] }
grant_share = { value = 0.4, when = "abated_share >= 0.15" }
infrastructure_guarantee_share = { value = 0.8, when = "signed_share.co2-hub >= 0.3" }
lock_in = { value = 0.5, when = "carbon_price_eur_per_t < 120 for 2 years" }
[targets]
2030 = 0.30
"""
ANSWERS = {
    "name": "answers", "monitoring": {"schedule": [[2033, 0.8], [2040, 0.0]]},
    "grant_share": {"value": 0.4, "when": "abated_share >= 0.15"},
    "infrastructure_guarantee_share": {"value": 0.8, "when": "signed_share.co2-hub >= 0.3"},
    "lock_in": {"value": 0.5, "when": "carbon_price_eur_per_t < 120 for 2 years"},
}  # fmt: skip


@pytest.mark.horizon
def test_both_drivers_give_the_same_tables_of_a_made_world(tmp_path):
    folder = small_result(tmp_path, TRIGGERED)
    experiment, outcomes = reopen(folder), read_table(folder, "outcomes")
    about = about_result(experiment, folder)
    found = pathway_tables(outcomes, about.policies, 2026, 2045)
    check(found, outcomes, ANSWERS, 2026, 2045)
    assert 0 < found["pathway_steps"]["started_share"].iloc[-1] <= 1
    rows = []
    for policy in experiment.policies:
        for run in range(12):
            model = reopen_run(experiment, policy.name, run).run()
            waiting = tuple(name for name in ANSWERS if name in policy.signals)
            columns = start_columns(model.arrays().starts, model.world, waiting)
            rows.append({"policy": policy.name, "run": run} | {name: array[0].as_py() for name, array in columns.items()})
            model.release()
    again = pathway_tables(pd.DataFrame(rows).astype(dict.fromkeys([c for c in rows[-1] if "start" in c], float)),
                           about.policies, 2026, 2045)  # fmt: skip
    for name, table in found.items():
        pd.testing.assert_frame_equal(table, again[name])
