"""`clusterpact moves`: what moves a cluster, as shares of the variance of its outcomes by groups of parameters, and luck.

Parameters vary over their whole ranges, as in a screening; those that the experiment or the policy fixes stay fixed. Which
parameter belongs to which group says `library/movers.csv`.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.design import Distribution, draw_design
from clusterpact.experiments.experiment import MOST_RUNS, Experiment, id_of
from clusterpact.experiments.folder.rules import other_rules
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.shards import with_practices, world_of
from clusterpact.experiments.screening import LUCK
from clusterpact.files import refuse_links, write_atomically
from clusterpact.inputs import InputError, Record, nearest, read_bytes, read_table
from clusterpact.policies.package import Package
from clusterpact.results.statistics.shapley import shares
from clusterpact.results.tables import csv_bytes
from clusterpact.sim.runs import RunArrays, simulate
from clusterpact.sim.world import World, parameter_records

MOVERS = Path(__file__).parents[1] / "library" / "movers.csv"
SAMPLES_AT_ONCE = 4  #: that a thread runs between two reports


class Mover(Record):
    """One row of `movers.csv`: a group of `parameters.csv`, or a single parameter that leaves its group, and its mover."""

    mover: str
    group: str
    parameter: str = ""
    why: str


@dataclass(frozen=True)
class Design:
    """Samples drawn twice: values of every varied parameter, first A then B, shape (2 * samples,), and the groups' names."""

    samples: int
    groups: tuple[str, ...]
    member: dict[str, int]  #: number of the group of every varied parameter
    drawn: dict[str, np.ndarray]

    @property
    def runs(self) -> int:
        """Runs of the whole design."""
        return self.samples << len(self.groups)

    def parameters(self, fixed: dict[str, float], first: int, samples: int) -> tuple[np.recarray, np.ndarray]:
        """Parameter records and numbers of luck of some samples, all mixtures of one after those of the other."""
        mixture = np.tile(np.arange(2 ** len(self.groups)), samples)
        sample = np.repeat(np.arange(first, first + samples), 2 ** len(self.groups))

        def rows(group: int) -> np.ndarray:
            chosen: np.ndarray = sample + self.samples * (mixture >> group & 1)
            return chosen

        values = {name: self.drawn[name][rows(group)] for name, group in self.member.items()}
        constant = {name: np.full(len(sample), value) for name, value in fixed.items()}
        return parameter_records(constant | values, len(sample)), rows(self.groups.index(LUCK)).astype(np.uint64)


def movers(path: Path = MOVERS) -> dict[str, str]:
    """The group that every parameter counts to; raises InputError for one that no row names, or a row that names none."""
    rows = read_table(path, Mover)
    known = {parameter.group for parameter in PARAMETERS.values()}
    for row in rows:
        if row.group not in known:
            raise InputError(path, "group", row.group, "no group of parameters.csv", known)
        if row.parameter and row.parameter not in PARAMETERS:
            raise InputError(path, "parameter", row.parameter, f"no such parameter{nearest(row.parameter, PARAMETERS)}")
    single = {row.parameter: row.mover for row in rows if row.parameter}
    whole = {row.group: row.mover for row in rows if not row.parameter}
    for parameter in PARAMETERS.values():
        if parameter.name not in single and parameter.group not in whole:
            raise InputError(path, "group", parameter.group, f"missing; expected a row for it ({parameter.name} is in it)")
    return {name: single.get(name) or whole[parameter.group] for name, parameter in PARAMETERS.items()}


def under(experiment: Experiment, policy: str | None) -> tuple[int, Package]:
    """Place and package of a policy of the experiment; the baseline if none is named."""
    names = [package.name for package in experiment.policies]
    chosen = policy or experiment.baseline
    if chosen not in names:
        raise InputError("", "--policy", chosen, "not among the experiment's policies", names)
    return names.index(chosen), experiment.policies[names.index(chosen)]


def lay_out(experiment: Experiment, package: Package, samples: int) -> Design:
    """Draw a design over the whole range of every parameter that neither the experiment nor the policy fixes."""
    found = movers()
    varied = [name for name in PARAMETERS if name not in experiment.parameters and name not in package.practices]
    groups = (*dict.fromkeys(found[name] for name in varied), LUCK)
    runs = samples * 2 ** len(groups)
    if runs > MOST_RUNS:
        raise InputError("", "--samples", f"{samples:,}", f"expected fewer: {runs:,} runs, at most {MOST_RUNS:,}")
    ranges = {name: (PARAMETERS[name].low, PARAMETERS[name].high) for name in varied}
    uniform = {name: Distribution("uniform", ends, *ends) for name, ends in ranges.items()}
    member = {name: groups.index(found[name]) for name in varied}
    return Design(samples, groups, member, draw_design(uniform, experiment.seed, 0, 2 * samples))


def outcomes_of(arrays: RunArrays, world: World) -> dict[str, np.ndarray]:
    """What is explained, of every run: abated share, mean and in the last year, and the year of networks' FIDs."""
    abated = arrays.series["abated_share"]
    found = {"mean abated share": abated.mean(axis=1), f"abated share in {world.last_year}": abated[:, -1]}
    if world.network_ids:
        quarter = arrays.networks[:, :, 0]
        year = np.where(quarter >= 0, world.first_year + quarter / 4, world.last_year + 1.0)
        found["year of networks' FIDs"] = year.mean(axis=1)
    return found


def explain(experiment: Experiment, policy: str | None, samples: int, threads: int,
            progress: Progress = SILENT) -> pd.DataFrame:  # fmt: skip
    """Run the design under a policy, and share out the variance: a row per outcome and group.

    share: Shapley effect (adds up to 1), low and high: its 95 % interval; first: what the group explains by itself; total:
    what would be left if all others were known; sd: standard deviation of the outcome, in its own unit.
    """
    number, package = under(experiment, policy)
    design, world = lay_out(experiment, package, samples), world_of(experiment, number)
    warm_up(world, progress)

    def work(first: int) -> dict[str, np.ndarray]:
        count = min(SAMPLES_AT_ONCE, samples - first)
        parameters, numbers = design.parameters(experiment.parameters, first, count)
        arrays = simulate(world, with_practices(parameters, package), numbers)
        return {name: values.reshape(count, -1) for name, values in outcomes_of(arrays, world).items()}

    parts = []
    with ThreadPoolExecutor(threads) as pool:
        for part in _in_order(pool, work, samples):
            parts.append(part)
            done = sum(len(next(iter(one.values()))) for one in parts) * 2 ** len(design.groups)
            progress.report(done, design.runs, 0)
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return shared_out(values, design, experiment.seed)


def _in_order(pool: ThreadPoolExecutor, work: Callable[[int], dict[str, np.ndarray]],
              samples: int) -> Iterator[dict[str, np.ndarray]]:  # fmt: skip
    """Results of all samples in their order; a run that fails ends it with one line."""
    try:
        yield from pool.map(work, range(0, samples, SAMPLES_AT_ONCE))
    except (ValueError, ArithmeticError) as error:
        pool.shutdown(cancel_futures=True)
        raise InputError("", "moves", None, f"a run failed, so that the design is not complete: {error}") from None


def shared_out(values: dict[str, np.ndarray], design: Design, seed: int) -> pd.DataFrame:
    """The table of all outcomes; values: (samples, mixtures) of each."""
    tables = []
    for name, found in values.items():
        one = shares(found, seed)
        table = pd.DataFrame(
            {"outcome": name, "group": design.groups, "share": one.share, "low": one.low, "high": one.high,
             "first": one.first, "total": one.total, "sd": one.variance**0.5,
             "parameters": [sum(group == k for group in design.member.values()) for k in range(len(design.groups))]}
        )  # fmt: skip
        tables.append(table.sort_values("share", ascending=False, kind="stable"))
    return pd.concat(tables, ignore_index=True)


def identity(experiment: Experiment, policy: str | None, samples: int) -> str:
    """Twelve digits that name everything that the shares depend on."""
    _, package = under(experiment, policy)
    return id_of({"moves": experiment.resolved(), "policy": package.name, "samples": samples, "movers": movers()})


def keep(experiment: Experiment, table: pd.DataFrame, policy: str, samples: int, folder: Path) -> Path:
    """Write `moves.csv`, its figure, and `moves.json`, which says what it rests on; returns the figure's path."""
    from clusterpact.results.figures.moves import moves
    from clusterpact.results.figures.style import keep as keep_figure

    name = identity(experiment, policy, samples)
    about = {"id": name, "experiment": experiment.name, "policy": policy, "samples": samples, "seed": experiment.seed,
             "source": SOURCE_HASH}  # fmt: skip
    write_atomically(folder / "moves.csv", csv_bytes(table))
    write_atomically(folder / "moves.json", json.dumps(about, indent=1).encode())
    runs = samples * 2 ** table["group"].nunique()
    note = f"{experiment.heading} · {policy} · {samples:,} samples, {runs:,} runs · {name}"
    return keep_figure(moves(table, note), folder / "figures" / "moves.png")


def refuse_another(folder: Path, name: str) -> None:
    """Raise InputError if a folder holds anything but shares of the same design."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    refuse_links(folder)
    try:
        held = dict(json.loads(read_bytes(folder / "moves.json")))
    except (OSError, ValueError, TypeError, RecursionError):
        held = {}
    if isinstance(held.get("source"), str) and (said := other_rules(held["source"])) is not None:
        raise InputError(folder, "rules", None, said)
    if held.get("id") != name:
        raise InputError(
            "", "--out", str(folder), "holds something else; expected a new folder, or that of the same command"
        )
