"""Plant by plant: what each can run, what it decides under a package, and how a typical run of it goes."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import NETWORK_KIND_TABLE
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import reopen_run
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.shards import world_of
from clusterpact.results.about import Comparison, TypicalRun
from clusterpact.results.statistics.plants import decided, held_back, typical_run
from clusterpact.results.summary import read_table
from clusterpact.sim.world import World

MANY = 60  #: plants; a run of more takes longer than a moment to replay


def rows_of(world: World) -> list[tuple[str, str, int]]:
    """Every firm's options as (firm, technology, row)."""
    firms = world.template.firms
    return [
        (firm, name, int(firms[i].first_option) + k)
        for i, (firm, names) in enumerate(zip(world.firm_ids, world.option_names, strict=True))
        for k, name in enumerate(names)
    ]


def abated_by_option(world: World) -> dict[tuple[str, str], float]:
    """What a plant emits less with each technology than at the start, kt/year; furnace gases go with the furnaces."""
    firms, options = world.template.firms, world.template.options
    burnt = np.zeros(len(firms))  # of the gases of a works, in the row of its first unit
    for firm in firms:
        if firm.gas_supplier >= 0:
            burnt[firms[firm.gas_supplier].site] += firm.gas_kt
    gases = burnt[firms.site] * firms.gas_share
    rows = {firm: i for i, firm in enumerate(world.firm_ids)}
    abated = {}
    for firm, name, row in rows_of(world):
        i = rows[firm]
        own = float(firms[i].baseline_kt - firms[i].gas_kt - options[row].emission_kt)
        replaced = row != firms[i].first_option and options[row].is_increment == 0
        abated[firm, name] = own + (float(gases[i]) if replaced else 0.0)
    return abated


def option_table(world: World, projects: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Every plant's options, and what it decides of them under a policy: a row per agent and technology.

    is_today: what it runs at the start; capex_meur: capital cost of a switch, before learning and premia;
    abated_kt_per_year: what it then emits less than at the start; available_year: from when it is on the market;
    build_years: from FID to start as planned; needs: networks. The rest as in `statistics.plants.decided`.
    """
    options, technologies, firms = world.template.options, world.template.technologies, world.template.firms
    abated = abated_by_option(world)
    first = {firm: int(firms[i].first_option) for i, firm in enumerate(world.firm_ids)}
    rows = [
        {"agent": firm, "technology": name, "is_today": row == first[firm], "capex_meur": float(options[row].capex_meur),
         "abated_kt_per_year": abated[firm, name], "build_years": float(options[row].build_quarters) / 4,
         "available_year": int(technologies[int(options[row].technology)].first_year),
         "needs": "; ".join(kind.label for kind, volume in zip(NETWORK_KIND_TABLE.values(), options[row].volume, strict=True)
                            if volume > 0)}
        for firm, name, row in rows_of(world)
    ]  # fmt: skip
    table = pd.DataFrame(rows).merge(decided(projects, policy), on=["agent", "technology"], how="left")
    return table.fillna({"decided_share": 0.0, "started_share": 0.0})


def plant_tables(
    experiment: Experiment, package: str, projects: pd.DataFrame, gates: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables `options` and `held` of a package."""
    place = next(k for k, policy in enumerate(experiment.policies) if policy.name == package)
    return {"options": option_table(world_of(experiment, place), projects, package), "held": held_back(gates, package)}


def with_typical_run(found: Comparison, progress: Progress = SILENT) -> Comparison:
    """A comparison with the story of the run of its package that lies nearest to the middle of all, replayed."""
    experiment = reopen(found.folder)
    weights = {plant.id: plant.scope1_kt_per_year for plant in experiment.scenario.plants}
    outcomes, projects = (read_table(found.folder, name) for name in ("outcomes", "projects"))
    run = typical_run(outcomes, projects, found.package, found.outcome, weights, experiment.last_year)
    if len(weights) > MANY:
        progress.note(f"a typical run of {found.package}: run {run} is replayed")
    model = reopen_run(experiment, found.package, run).run()
    ids = dict(zip(model.world.firm_names, model.world.firm_ids, strict=True))
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for quarter, name, sentence in model.chronicle.events:
        if name in ids:
            told[ids[name]].append((model.world.date(quarter), sentence))
    return replace(found, typical=TypicalRun(run, dict(told)))
