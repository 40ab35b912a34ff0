"""The account: by hand on the starter cluster, sums that agree, the kernel's own measures, marks, and mistakes."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

import clusterpact as cp
from clusterpact.agents.vocabulary import CLOSED_DOWN
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.layers import EXPERIMENTS
from clusterpact.experiments.making.starter import write_starter
from clusterpact.experiments.questions.account import Account, account_of
from clusterpact.results.statistics.account import reconcile, shares, totals
from clusterpact.sim.account import MARKS, UNITS, Roster, account_today, grid_factor, plant_quantities, weakest
from clusterpact.sim.cluster import Published
from clusterpact.sim.scenario import BESIDE, CLUSTERS, NO_LAW, read_scenario
from clusterpact.sim.tables import LIBRARY
from clusterpact.sim.world import build_world
from tests.experiments.account_files import FACTORS, ROADMAP, add


@pytest.fixture
def starter(tmp_path):
    folder = tmp_path / "my-cluster"
    write_starter(folder)
    return folder


@pytest.fixture(scope="module")
def dunkirk():
    return read_scenario(CLUSTERS / "dunkirk")


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def wide(plants, index="name"):
    return plants.pivot(index=index, columns="quantity", values="value")


def test_the_account_of_the_starter_cluster_by_hand(starter):
    add(starter, FACTORS)
    economy = {row["sector"]: row for row in rows_of(LIBRARY / "economy.csv")}
    technologies = {(row["sector"], row["technology"]): row for row in rows_of(LIBRARY / "technologies.csv")}
    account = wide(account_today(read_scenario(starter)))
    plants = rows_of(starter / "firms.csv")
    assert sorted(account.index) == sorted(plant["id"] for plant in plants)
    for plant in plants:
        ours, e = account.loc[plant["id"]], economy[plant["sector"]]
        capacity = float(plant["capacity_kt_per_year"] or plant["capacity_gwh_per_year"])
        bought = capacity * float(technologies[plant["sector"], plant["technology"]]["electricity_mwh_per_unit"])
        jobs, gva = float(plant["jobs"]), capacity * float(e["gva_eur_per_unit"]) / 1000
        more_jobs, more_gva = jobs * (float(e["jobs_multiplier"]) - 1), gva * (float(e["gva_multiplier"]) - 1)
        expected = {
            "scope1_kt": float(plant["scope1_kt_per_year"]),
            "scope2_kt": bought * 0.08,  # 2024 is four tenths of the way from 0.10 to 0.05
            "captured_kt": 0.0,
            "electricity_bought_gwh": bought,
            "jobs_direct": jobs,
            "jobs_indirect": more_jobs * float(e["jobs_indirect_share"]),
            "jobs_induced": more_jobs * (1 - float(e["jobs_indirect_share"])),
            "gva_direct_meur": gva,
            "gva_indirect_meur": more_gva * float(e["gva_indirect_share"]),
            "gva_total_meur": gva * float(e["gva_multiplier"]),
        }
        assert ours[list(expected)].to_dict() == pytest.approx(expected, rel=1e-12), plant["id"]


def test_cement_works_of_the_starter_in_plain_numbers(starter):
    cement = wide(account_today(read_scenario(starter))).loc["cement-works"]
    assert cement[["jobs_direct", "jobs_indirect", "jobs_induced", "jobs_total"]].tolist() == pytest.approx(
        [150, 150 * 1.08 * 0.730, 150 * 1.08 * 0.270, 312]
    )
    assert cement[["gva_direct_meur", "gva_total_meur"]].tolist() == pytest.approx([40.0, 90.4])


@pytest.mark.parametrize("name", ["gva", "jobs"])
def test_indirect_shares_are_those_of_type_one_and_two_multipliers(name):
    """Scottish multipliers of 2019: primary steel type I and II."""
    one, two = {"gva": (1.856, 2.328), "jobs": (1.542, 1.804)}[name]
    steel = next(row for row in rows_of(LIBRARY / "economy.csv") if row["sector"] == "primary_steel")
    assert float(steel[f"{name}_indirect_share"]) == pytest.approx((one - 1) / (two - 1), abs=5e-4)


def test_plants_add_up_to_sectors_and_sectors_to_the_cluster():
    account = account_of("dunkirk").today
    sums = {level: rows.groupby("quantity")["value"].agg(lambda v: v.sum(skipna=False))
            for level, rows in account.groupby("level")}  # fmt: skip
    assert set(sums) == {"plant", "sector", "cluster"}
    for level in ("sector", "cluster"):
        pd.testing.assert_series_equal(sums[level], sums["plant"], rtol=1e-12, check_names=False)
    parts = sums["plant"]
    for what, total in (("jobs", "jobs_total"), ("gva", "gva_total_meur")):
        unit = "_meur" if what == "gva" else ""
        split = [parts[f"{what}_{part}{unit}"] for part in ("direct", "indirect", "induced")]
        assert sum(split) == pytest.approx(parts[total], rel=1e-12)


def test_todays_account_of_dunkirk_is_the_register_without_what_is_planned():
    scenario = read_scenario(CLUSTERS / "dunkirk")
    account = account_today(scenario)
    emitted = account[account["quantity"] == "scope1_kt"]["value"].sum()
    assert emitted == pytest.approx(sum(plant.scope1_kt_per_year for plant in scenario.plants), rel=1e-12)
    assert set(account["name"]) == {site for site, units in scenario.sites.items() if units[0].status == "operating"}
    assert len(account) == len(UNITS) * account["name"].nunique()  # a row per plant, however many units it has
    works = wide(account).loc["arcelormittal-dunkirk"]
    assert works["scope1_kt"] == pytest.approx(sum(unit.scope1_kt_per_year for unit in scenario.sites[works.name]))
    assert len(scenario.sites[works.name]) > 1
    bought = account.loc[account["quantity"] == "scope2_kt", "value"].sum() / 0.06  # the grid factor of 2022, t/MWh
    assert 5000 < bought < 9000  # GWh; the smelter alone takes about 4,200


def test_the_account_of_a_network_is_the_sum_of_its_clusters(starter, tmp_path):
    add(starter, FACTORS)
    other = tmp_path / "other"
    write_starter(other)
    text = (other / "cluster.toml").read_text(encoding="utf-8").replace('name = "my-cluster"', 'name = "other"')
    (other / "cluster.toml").write_text(text + FACTORS, encoding="utf-8")
    names = [path.name for path in (starter, other)]
    text = f'name = "pair"\ntitle = "A pair"\nclusters = {json.dumps(names)}\n'
    (tmp_path / "clusters.toml").write_text(text, encoding="utf-8")
    network = read_scenario(tmp_path)
    one, two = read_scenario(starter), read_scenario(other)
    account = Account(network, account_today(network))
    apart = [Account(part, account_today(part)).sums(part.file.name) for part in (one, two)]
    pd.testing.assert_series_equal(account.sums(None), apart[0] + apart[1], check_names=False)
    assert account.sums("other").to_dict() == pytest.approx(apart[1].to_dict())
    assert set(account.today["level"]) == {"plant", "sector", "cluster", "network"}


def test_a_cluster_without_a_grid_factor_has_no_scope_2_and_a_network_with_it_neither(starter):
    plants = account_today(read_scenario(starter))
    stated = plants.assign(cluster="other", value=1.0)
    sums = totals(pd.concat([plants, stated]))
    scope2 = sums[sums["quantity"] == "scope2_kt"].groupby(["level", "cluster"])["value"].agg(lambda v: v.sum(skipna=False))
    assert np.isnan(scope2["cluster", "my-cluster"])
    assert scope2["cluster", "other"] == 5.0
    assert sums[sums["level"] == "network"].set_index("quantity")["value"].isna().sum() == 1


def test_a_grid_factor_changes_scope_2_only(starter):
    before = account_today(read_scenario(starter))
    after = account_today(read_scenario(add(starter, FACTORS)))
    same = before["quantity"] != "scope2_kt"
    pd.testing.assert_frame_equal(before[same], after[same])
    assert after[~same]["value"].gt(0).any()


@pytest.mark.parametrize(("year", "factor"), [(2010, 0.10), (2020, 0.10), (2028, 0.06), (2030, 0.05), (2050, 0.05)])
def test_the_grid_factor_is_linear_between_years_and_constant_beyond(starter, year, factor):
    factors = read_scenario(add(starter, FACTORS)).file.grid_factor
    assert grid_factor(factors, year) == pytest.approx(factor)
    assert np.isnan(grid_factor((), year))


def test_the_paths_end_every_year_where_the_kernel_says(tmp_path):
    """The same runs of the same experiment, once through `run` and its yearly measures, once through the account."""
    series = cp.run("dunkirk", runs=8, policies=["current-policies", "four-pillars"], out=tmp_path / "result").series
    paths = account_of("dunkirk", "four-pillars", runs=8).paths
    baseline = load_experiment("dunkirk").scenario.plants
    kernel = {name: rows.to_numpy() for name, rows in series[series["policy"] == "four-pillars"].items()}
    measured = {
        "scope1_kt": (1 - kernel["abated_share"]) * sum(plant.scope1_kt_per_year for plant in baseline),
        "jobs_direct": kernel["jobs_direct"], "jobs_total": kernel["jobs_total"],
        "gva_direct_meur": kernel["gva_meur"], "gva_total_meur": kernel["gva_total_meur"],
    }  # fmt: skip
    for name, expected in measured.items():
        np.testing.assert_allclose(paths.of(name).ravel(), expected, rtol=1e-9, err_msg=name)
    assert kernel["jobs_direct"].max() > kernel["jobs_direct"].min()  # a planned plant came to run
    assert kernel["closures"].any()


def test_the_paths_add_up_over_years_in_which_nothing_changes(tmp_path):
    """As above for sums over the year, with plants that make what they made at the start and stay."""
    still = "[uncertainty]\noutput_noise = { choice = [0.0] }\nclosure_level = { choice = [0.0] }\n"
    path = tmp_path / "still.toml"
    path.write_text((EXPERIMENTS / "dunkirk.toml").read_text(encoding="utf-8").replace("[uncertainty]", still, 1))
    series = cp.run(path, runs=8, policies=["current-policies", "four-pillars"], out=tmp_path / "result").series
    kernel = {name: rows.to_numpy() for name, rows in series[series["policy"] == "four-pillars"].items()}
    paths = account_of(str(path), "four-pillars", runs=8).paths
    for name in ("captured_kt", "heat_sold_gwh"):
        ends = paths.of(name)
        steady = np.abs(ends[:, 1:] - ends[:, :-1]) < 1e-9
        for ended in ("defaults", "stranded_meur"):  # nothing started and failed, or was switched off, within the year
            steady &= kernel[ended].reshape(ends.shape)[:, 1:] == 0
        assert ends[:, 1:][steady].max() > 0
        sums = kernel[name].reshape(ends.shape)[:, 1:]
        np.testing.assert_allclose(ends[:, 1:][steady], sums[steady], rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_plant_counts_by_what_it_makes_and_not_once_it_has_closed_or_stopped(dunkirk):
    """Half of the output is half of everything; what has closed, or waits for its project, counts nothing."""
    world = build_world(dunkirk, NO_LAW, 2026, 2026, seed=0)
    s, roster = world.fresh_state(), Roster.of(dunkirk, world.template.firms.cluster)
    before = plant_quantities(s, roster, 2026)
    rows = [i for i, plant in enumerate(dunkirk.plants) if plant.status == "operating" and before["jobs_direct"][i] > 0][:4]
    less, closed, stopped, _ = rows
    s.firms[less].output, s.firms[closed].stage, s.firms[stopped].stopped = 0.5, CLOSED_DOWN, 1
    after = plant_quantities(s, roster, 2026)
    for name in (name for name in UNITS if name != "scope1_kt"):  # which the kernel has worked out
        expected = before[name][rows] * [0.5, 0.0, 0.0, 1.0]
        assert after[name][rows] == pytest.approx(expected), name
    assert before["jobs_total"][rows].min() > 0


def test_sectors_of_the_paths_add_up_to_the_cluster_run_by_run_and_in_the_means():
    account = account_of("dunkirk", "four-pillars", runs=4)
    paths = account.paths
    by_sector = sum(paths.of("scope1_kt", "dunkirk", (sector,)) for _, sector in paths.groups)
    np.testing.assert_allclose(by_sector, paths.of("scope1_kt"), rtol=1e-12)
    rows = paths.table[paths.table["quantity"] == "scope1_kt"]
    means = rows.groupby(["level", "year"])["mean"].sum().unstack(0)
    np.testing.assert_allclose(means["sector"], means["cluster"], rtol=1e-12)
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()


def test_the_marks_add_up_to_one_and_the_weakest_one_counts():
    plants = account_of("dunkirk").plants
    parts = shares(plants)
    stated = parts.dropna()
    assert {"co2e_kt", "scope1_kt", "jobs_total", "gva_direct_meur"} <= set(stated.index)
    np.testing.assert_allclose(stated.sum(axis=1), 1.0, rtol=1e-12)
    assert list(parts.columns) == list(MARKS)
    assert weakest("published", "derived") == "derived"
    assert weakest("published", None, "derived") == "estimate"
    marks = plants[plants["name"] == "arcelormittal-dunkirk"].set_index("quantity")["mark"]
    assert marks[["scope1_kt", "jobs_direct", "jobs_indirect", "gva_direct_meur"]].tolist() == [
        "published", "published", "derived", "derived"]  # fmt: skip


def test_shares_by_hand(starter):
    plants = account_today(read_scenario(starter))
    plants.loc[(plants["name"] == "glass-works") & (plants["quantity"] == "jobs_direct"), "mark"] = "published"
    assert shares(plants).loc["jobs_direct"].tolist() == pytest.approx([300 / 960, 0.0, 660 / 960])
    assert shares(plants).loc["scope2_kt"].isna().all()


def test_published_totals_are_set_beside_ours(starter):
    scenario = read_scenario(starter)
    sums = Account(scenario, account_today(scenario)).sums("my-cluster")
    entries = [Published(quantity="scope1_kt", value=2000, scope="all", tolerance_pct=5, source="made up"),
               Published(quantity="jobs_direct", value=1200, scope="all", why="the port", source="made up"),
               Published(quantity="scope2_kt", value=10, scope="all", source="made up")]  # fmt: skip
    rows = reconcile(sums, entries, "my-cluster")
    assert rows["difference_pct"].tolist()[:2] == pytest.approx([100 * (2068.9 / 2000 - 1), -20.0])
    assert rows["within"].tolist() == [True, False, False]
    assert np.isnan(rows["ours"].iloc[2])


def test_waste_heat_is_counted_in_homes(starter):
    """10 MW of an arc furnace for 5000 h: half the year it sells heat less losses, half the year it makes power."""
    path = starter / "firms.csv"
    mill = {"id": "mill", "name": "Mill", "sector": "secondary_steel", "technology": "EAF+waste-heat recovery",
            "status": "operating", "capacity_kt_per_year": "674", "scope1_kt_per_year": "85", "scope1_year": "2024",
            "jobs": "429", "source": "made up", "heat_recovery_mw": "10"}  # fmt: skip
    path.write_text(f"{','.join(mill)}\n{','.join(mill.values())}\n", encoding="utf-8")
    for name in BESIDE:
        (starter / name).unlink(missing_ok=True)
    mill = wide(account_today(read_scenario(starter))).loc["mill"]
    assert mill["heat_sold_gwh"] == pytest.approx(50 / 2 * 0.92)
    assert mill["heat_power_gwh"] == pytest.approx(50 / 2 * 0.18)
    assert mill["homes_heated"] == pytest.approx(23_000 / 11.4)
    assert mill["homes_powered"] == pytest.approx(600)  # 1.8 MW at 3 kW a home


def test_a_roadmap_is_set_beside_the_simulated_median_of_its_sectors(starter):
    account = account_of(str(add(starter, ROADMAP)), "pact", runs=5)
    rows = account.roadmaps.set_index("year")
    emitted = account.paths.of("scope1_kt", "my-cluster", ("cement", "lime"))[:, account.paths.years.index(2030)]
    assert rows.loc[2030, "value"] == pytest.approx(np.median(1 - emitted / 995.0))
    assert rows["milestone"].tolist() == [0.2, 1.0]
    assert np.isnan(rows.loc[2060, "value"])
    assert {"milestone", "roadmap"} <= set(account.table["level"])
