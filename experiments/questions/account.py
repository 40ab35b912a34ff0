"""The account of a cluster: what its plants emit, employ and add today, and along simulated paths (docs/accounts.md)."""

import io
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clusterpact.experiments.experiment import Experiment, ExperimentFile, load_experiment, resolve
from clusterpact.experiments.layers import experiment_names
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.shards import numbers_of, parameters_of, with_practices, world_of
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError, check, usable_path
from clusterpact.policies.package import library_names, library_package
from clusterpact.results.statistics.account import reconcile, spread, tidy, totals
from clusterpact.results.tables import csv_bytes
from clusterpact.sim.account import UNITS, Roster, account_today, plant_quantities
from clusterpact.sim.kernel import start_run
from clusterpact.sim.runs import words_of
from clusterpact.sim.scenario import Scenario, cluster_names, find_cluster
from clusterpact.sim.schedule import quarter

RUNS = 20
SEED = 42


@dataclass(frozen=True)
class Paths:
    """Quantities at the end of every year of every run: values of shape (runs, years, quantities, groups).

    groups: the (cluster, sector) pairs that a group of plants belongs to; quantities are in the order of `UNITS`.
    """

    policy: str
    first_year: int
    groups: tuple[tuple[str, str], ...]
    values: np.ndarray

    @property
    def years(self) -> range:
        """Years of the horizon."""
        return range(self.first_year, self.first_year + self.values.shape[1])

    def of(self, quantity: str, cluster: str | None = None, sectors: tuple[str, ...] | None = None) -> np.ndarray:
        """A quantity over some groups (all of them by default), shape (runs, years)."""
        chosen = [cluster in (None, c) and (sectors is None or s in sectors) for c, s in self.groups]
        total: np.ndarray = self.values[:, :, list(UNITS).index(quantity)][:, :, chosen].sum(axis=2)
        return total

    @cached_property
    def table(self) -> pd.DataFrame:
        """Median, 5-95 % and mean over runs: levels `sector`, `cluster`, and `network` where there are several clusters."""
        clusters = list(dict.fromkeys(cluster for cluster, _ in self.groups))
        wanted: list[tuple[str, str | None, str]] = [("sector", cluster, sector) for cluster, sector in self.groups]
        wanted += [("cluster", cluster, "") for cluster in clusters]
        wanted += [("network", None, "")] if len(clusters) > 1 else []
        rows = []
        for level, cluster, sector in wanted:
            for quantity, unit in UNITS.items():
                runs = self.of(quantity, cluster, (sector,) if sector else None)
                rows += [{"level": level, "cluster": cluster, "name": sector or cluster, "sector": sector or None,
                          "quantity": quantity, "unit": unit, "year": year, "policy": self.policy, **spread(runs[:, y])}
                         for y, year in enumerate(self.years)]  # fmt: skip
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Account:
    """The account of a scenario: its plants today, and its paths under one policy if they were asked for."""

    scenario: Scenario
    plants: pd.DataFrame
    paths: Paths | None = None

    @cached_property
    def today(self) -> pd.DataFrame:
        """Plants today with the sums over sectors and clusters."""
        return totals(self.plants)

    @cached_property
    def published(self) -> pd.DataFrame:
        """The reconciliation with published totals, of every cluster and then of the whole network."""
        clusters = self.scenario.clusters
        parts = [reconcile(self.sums(part.file.name), part.file.published, part.file.name) for part in clusters]
        if len(clusters) > 1:
            parts.append(reconcile(self.sums(None), self.scenario.file.published, ""))
        return pd.concat(parts, ignore_index=True)

    def sums(self, cluster: str | None) -> "pd.Series[float]":
        """Today's totals by quantity: of a cluster, or of the network (None)."""
        rows = self.today[self.today["level"] == ("network" if cluster is None else "cluster")]
        rows = rows if cluster is None else rows[rows["cluster"] == cluster]
        return rows.set_index("quantity")["value"]

    @cached_property
    def roadmaps(self) -> pd.DataFrame:
        """Milestones of associations beside the simulated abated share of their sectors at the end of that year.

        Columns: cluster, association, sectors, year, milestone, value (median), low, high, mean, mark; the simulated ones
        are missing beyond the horizon and for sectors that the cluster lacks.
        """
        rows = []
        for part in self.scenario.clusters:
            name = part.file.name
            start = self.plants[(self.plants["cluster"] == name) & (self.plants["quantity"] == "scope1_kt")]
            for roadmap in part.file.roadmap:
                baseline = start.loc[start["sector"].isin(roadmap.sectors), "value"].sum()
                for text, milestone in sorted(roadmap.milestones.items()):
                    row: dict[str, Any] = {"cluster": name, "association": roadmap.association, "year": int(text),
                                           "sectors": ", ".join(roadmap.sectors), "milestone": milestone,
                                           "mark": roadmap.mark}  # fmt: skip
                    if self.paths and baseline > 0 and int(text) in self.paths.years:
                        emitted = self.paths.of("scope1_kt", name, roadmap.sectors)[:, self.paths.years.index(int(text))]
                        row |= spread(1.0 - emitted / baseline)
                    rows.append(row)
        columns = ["cluster", "association", "sectors", "year", "milestone", "value", "low", "high", "mean", "mark"]
        return pd.DataFrame(rows).reindex(columns=columns)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Everything in one long table (`clusterpact.results.statistics.account.COLUMNS`)."""
        published = self.published.rename(columns={"published": "value", "scope": "name"}).assign(
            level="published", unit=lambda rows: rows["quantity"].map(UNITS), mark="published"
        ) if len(self.published) else pd.DataFrame()  # fmt: skip
        milestones = self.roadmaps.rename(columns={"association": "name"}).assign(quantity="abated_share", unit="-")
        promised = milestones.assign(level="milestone", value=milestones["milestone"], low=None, high=None, mean=None)
        parts = [self.today, published, promised]
        if self.paths:
            simulated = milestones[milestones["value"].notna()]
            parts += [self.paths.table, simulated.assign(level="roadmap", policy=self.paths.policy, mark="")]
        return tidy(parts)


def account_of(name: str, policy: str | None = None, runs: int | None = None, horizon: tuple[int, int] | None = None,
               seed: int | None = None, progress: Progress = SILENT) -> Account:  # fmt: skip
    """The account of an experiment or a cluster (names of the library, an experiment file, or a cluster's folder).

    With a policy (of the experiment or of the library), also its paths: over the experiment's uncertainty, or with all
    parameters at their defaults for a cluster. Raises InputError for bad input.
    """
    experiment = _experiment(name, runs, horizon, seed)
    package = None if policy is None else _package(experiment, policy)
    plants = account_today(experiment.scenario)
    if package is None:
        return Account(experiment.scenario, plants)
    chosen = replace(experiment, policies=(package,), baseline=package.name)
    return Account(experiment.scenario, plants, simulate(chosen, progress))


def _experiment(name: str, runs: int | None, horizon: tuple[int, int] | None, seed: int | None) -> Experiment:
    """The experiment behind a name; a cluster gets a plain one."""
    changes: dict[str, Any] = {"runs": RUNS if runs is None else runs, "seed": seed, "horizon": horizon, "targets": {}}
    path = usable_path(Path(name), "account")
    if path.is_file() or name in experiment_names():
        return load_experiment(name, **changes)
    if not path.is_dir() and name not in cluster_names():
        expected = "no such cluster, experiment, folder or file"
        raise InputError("", "account", name, expected, dict.fromkeys([*cluster_names(), *experiment_names()]))
    given = {key: value for key, value in changes.items() if value is not None}
    plain = {"name": "account", "cluster": str(find_cluster(name)), "seed": SEED} | given
    return resolve(check(ExperimentFile, plain, "", prefix="--", strict=True), Path("account"))


def _package(experiment: Experiment, policy: str) -> Any:
    """A policy of an experiment, or else of the library."""
    own = {package.name: package for package in experiment.policies}
    if policy not in own and policy not in library_names():
        raise InputError("", "--policy", policy, "no such policy", [*own, *library_names()])
    return own.get(policy) or library_package(policy)


def simulate(experiment: Experiment, progress: Progress = SILENT) -> Paths:
    """Run all runs of an experiment under its only policy, and read the account off the records at the end of every year."""
    world = world_of(experiment, 0)
    warm_up(world, progress)
    state = world.fresh_state()
    roster = Roster.of(experiment.scenario, world.template.firms.cluster)
    parameters = with_practices(parameters_of(experiment, 0, experiment.runs), experiment.policies[0])
    words = words_of(parameters)
    belongs = [(roster.clusters[row].file.name, plant.sector)
               for row, plant in zip(roster.cluster, roster.plants, strict=True)]  # fmt: skip
    groups = tuple(sorted(set(belongs)))
    group = [groups.index(pair) for pair in belongs]
    values = np.zeros((experiment.runs, world.years, len(UNITS), len(groups)))
    for r, number in enumerate(numbers_of(experiment, 0, experiment.runs)):
        start_run(state, world.template, number, words[r])
        for t in range(world.quarters):
            quarter(state, t)
            if t % 4 == 3:
                quantities = plant_quantities(state, roster, world.first_year + t // 4)
                for q, name in enumerate(UNITS):
                    values[r, t // 4, q] = np.bincount(group, quantities[name], len(groups))
    return Paths(experiment.policies[0].name, world.first_year, groups, values)


def write_account(account: Account, folder: Path) -> list[Path]:
    """Write the table and, if there are paths, the figure into a folder; returns their places."""
    files = {"account.csv": csv_bytes(account.table)}
    if account.paths:
        from clusterpact.results.figures.account import picture

        image = io.BytesIO()
        paths = account.paths
        drawn = picture(paths.table, account.scenario.file.title, paths.policy, len(paths.values))
        drawn.savefig(image, metadata={"Software": None})
        files["account.png"] = image.getvalue()
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]
