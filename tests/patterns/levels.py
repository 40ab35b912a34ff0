"""Levels, honestly: Dunkirk's baseline against what is published, and the parameters that it hangs on."""

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.comparison import announcements_of
from clusterpact.experiments.running.shards import Shard, run_shard, world_of
from clusterpact.results.recorded import CAUSES
from clusterpact.results.statistics.convergence import settled_after
from clusterpact.results.statistics.roadmap import confront
from clusterpact.results.store import RunArrays, tables_of
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import World
from tests.patterns.laboratory import FIRST_YEAR, LAST_YEAR, package, sample, watch
from tests.patterns.table import Finding, pattern

DUNKIRK = read_scenario(CLUSTERS / "dunkirk")  #: as it stands
LAST_QUARTER = 4 * (LAST_YEAR - FIRST_YEAR + 1) - 1
BASELINE = 0  #: place of current policies in the experiment


def baseline_runs(runs: int) -> tuple[World, RunArrays]:
    """The experiment `dunkirk` under current policies, its uncertainties drawn."""
    experiment = load_experiment("dunkirk", runs=runs)
    world = world_of(experiment, BASELINE)
    arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(BASELINE, 0, runs))
    if failures:
        raise RuntimeError(failures[0]["traceback"])
    return world, arrays


def announcements(runs: int) -> pd.DataFrame:
    """Every announced project under current policies: how often it runs in time, and the gate in its way."""
    world, arrays = baseline_runs(runs)
    tables = tables_of("baseline", 0, arrays, world, {})
    projects, pipeline, gates = (tables[name].to_pandas() for name in ("projects", "pipeline", "gates"))
    announced = announcements_of(load_experiment("dunkirk"))
    found = confront(projects, pipeline, gates, announced, world.first_year, world.last_year)
    return found.drop(columns=["policy", "agent"]).round(3)


def milestones(runs: int) -> pd.DataFrame:
    """Abated share of the baseline against the published milestones, and what of it is switched, closed, or made less."""
    world, arrays = baseline_runs(runs)
    rows = []
    for year, target in sorted((int(y), share) for y, share in DUNKIRK.file.milestones.items()):
        abated = arrays.series["abated_share"][:, year - world.first_year]
        low, middle, high = np.quantile(abated, [0.05, 0.5, 0.95])
        causes = {f"{cause}_share": arrays.series[f"{cause}_share"][:, year - world.first_year].mean() for cause in CAUSES}
        rows.append({"year": year, "target_share": target, "mean_share": abated.mean(), **causes, "p5_share": low,
                     "median_share": middle, "p95_share": high, "met_share": (abated >= target).mean()})  # fmt: skip
    return pd.DataFrame(rows).round(3)


def swings(runs: int) -> pd.DataFrame:
    """Abated share in 2030 and 2040 with each parameter at its low and high end, all else at default; largest first."""
    policy = package()
    rows = []
    for name, parameter in PARAMETERS.items():
        ends = [sample(DUNKIRK, policy, runs, **{name: value}) for value in (parameter.low, parameter.high)]
        row: dict[str, object] = {"parameter": name, "low": parameter.low, "high": parameter.high, "unit": parameter.unit}
        for year in (2030, 2040):
            row |= {f"{end}_{year}_share": s.measure("abated_share", year).mean()
                    for end, s in zip(("low", "high"), ends, strict=True)}  # fmt: skip
        rows.append(row)
    table = pd.DataFrame(rows).round(4)
    size = (table["high_2040_share"] - table["low_2040_share"]).abs()
    return table.iloc[size.argsort(kind="stable")[::-1]].reset_index(drop=True)


def settling(runs: int) -> pd.DataFrame:
    """Runs after which the coefficients of variation of the experiment's policies have settled, and Monte Carlo errors."""
    experiment = load_experiment("dunkirk", runs=runs)
    rows = []
    for place, policy in enumerate(experiment.policies):
        world = world_of(experiment, place)
        arrays, _ = run_shard(experiment, world, world.fresh_state(), Shard(place, 0, runs))
        outcomes = {
            "abated share in 2050": arrays.series["abated_share"][:, 2050 - world.first_year],
            "CO2 emitted over the horizon, Mt": arrays.series["scope1_kt"].sum(axis=1) / 1000,
        }
        for label, values in outcomes.items():
            error = values.std(ddof=1) / runs**0.5
            rows.append({"policy": policy.name, "outcome": label, "runs": runs, "settled_after": settled_after(values),
                         "mean": f"{values.mean():.4g}", "standard_error": f"{error:.2g}"})  # fmt: skip
    return pd.DataFrame(rows).astype({"settled_after": "Int64"})


@pattern("L1", "loans of Dunkirk's projects under four-pillars", "ten-year default rate 5 to 12 % (published: 6.7 to 8.1 %)",
         200, "level")  # fmt: skip
def default_rate(runs: int) -> Finding:
    spells: list[tuple[int, bool]] = []
    running: dict[int, tuple[int, int]] = {}

    def look(state, run: int, t: int) -> None:  # type: ignore[no-untyped-def]
        if t == 0:
            running.clear()
        firms = state.firms
        on_loan = (firms.start_quarter >= 0) & (firms.debt_meur + firms.public_debt_meur > 0)
        for i in range(firms.size):
            if i in running:
                start, failures = running[i]
                failed = bool(firms.failures[i] > failures)
                if failed or not on_loan[i] or firms.start_quarter[i] != start or t == LAST_QUARTER:
                    spells.append((t - start, failed))
                    del running[i]
            elif on_loan[i]:
                running[i] = (int(firms.start_quarter[i]), int(firms.failures[i]))

    watch(DUNKIRK, package("four-pillars"), runs, look)
    ages, failed = np.array([age for age, _ in spells]), np.array([fail for _, fail in spells])
    survival = 1.0
    for age in range(41):
        at_risk = int((ages >= age).sum())
        survival *= 1 - int(((ages == age) & failed).sum()) / at_risk if at_risk else 1.0
    return Finding(f"{100 * (1 - survival):.1f} % of {len(spells)} loans (Kaplan-Meier)", 0.05 <= 1 - survival <= 0.12)
