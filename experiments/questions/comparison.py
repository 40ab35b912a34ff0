"""`clusterpact compare`: everything that can be said about a result's packages, as tables in its folder `compare/`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.experiments.questions.levers import FOLDER as LEVERS
from clusterpact.experiments.questions.levers import levers_of, sizes
from clusterpact.experiments.questions.nearest import nearest
from clusterpact.experiments.questions.plants import abated_by_option, plant_tables, rows_of
from clusterpact.experiments.questions.remaining import remaining
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import world_of
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.results.about import Comparison
from clusterpact.results.recorded import CAUSES, RECORDING, RECORDINGS
from clusterpact.results.statistics.compare import Compared, compare, compared_outcomes, shapes
from clusterpact.results.statistics.contributions import contributions
from clusterpact.results.statistics.levers import frontier, marginal, ranking, runs_needed
from clusterpact.results.statistics.money import money
from clusterpact.results.statistics.pathways import pathway_tables
from clusterpact.results.statistics.regret import flips, regret
from clusterpact.results.statistics.roadmap import Announcement, carriers, confront, fits, latest_decisions
from clusterpact.results.statistics.robustness import met, robustness
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes

FOLDER = "compare"
OUTCOME = "cumulative_mt"
CONFIDENCE = 0.8
FEWEST_LEVER_RUNS, MOST_LEVER_RUNS = 100, 1000
ALONE = RunOptions()
LOWEST_PRICE = 1.0  #: EUR/t; a mean carbon price below it says nothing of what CO2 is worth


def compare_result(
    folder: Path,
    outcome: str = OUTCOME,
    package: str | None = None,
    confidence: float = CONFIDENCE,
    lever_runs: int | None = None,
    options: RunOptions = ALONE,
    co2_eur_per_t: float | None = None,
    bounds: Sequence[str] = (),
) -> Comparison:
    """Compare the packages of a finished result, run its levers (lever_runs = 0: none), and write all tables.

    outcome: a column of the compared outcomes that regret, contributions and levers look at; package: the one whose members
    are told apart (default: least expected regret); confidence: that a milestone's dates are to hold with; lever_runs: per
    lever (default: as many as tell an effect that matters); options: how levers run; co2_eur_per_t: the value of CO2 that
    ranks levers (default: the baseline's mean carbon price); bounds: what a future is to meet (default: all targets).
    """
    experiment = _comparable(folder, lever_runs)
    outcomes = read_table(folder, "outcomes")
    whole = int((outcomes.groupby("run").size() == len(experiment.policies)).sum())
    if whole < 2:
        expected = "expected at least two runs that ended under every policy, to compare them; see failures.json"
        raise InputError(folder, "runs", whole, expected)
    known = {item.column: item for item in compared_outcomes(outcomes)}
    _check_focus(experiment, outcome, known, package)
    tables = {
        "differences": compare(outcomes, experiment.baseline),
        "shapes": shapes(outcomes),
        "regret": regret(outcomes, outcome),
        "flips": flips(outcomes, outcome),
        "robustness": robustness(outcomes, outcome, met(outcomes, bounds)),
        "marginal": marginal(outcomes, experiment.baseline),
    }
    ranked = [name for name in tables["regret"]["policy"] if name != experiment.baseline]
    chosen = package or str(ranked[0])
    tables |= _roadmap(experiment, folder, confidence)
    tables["remaining"] = remaining(experiment, chosen, sorted(experiment.targets) or [experiment.last_year])
    tables["nearest"] = nearest(experiment, outcomes, confidence, tables["remaining"])
    tables |= plant_tables(experiment, chosen, read_table(folder, "projects"), read_table(folder, "gates"))
    pathways = pathway_tables(outcomes, experiment.policies, experiment.first_year, experiment.last_year)
    tables |= {"money": money(read_table(folder, "series"))} | pathways
    value = carbon_price(folder, experiment.baseline) if co2_eur_per_t is None else co2_eur_per_t
    runs = 0 if lever_runs == 0 else lever_runs or _chosen_runs(experiment, chosen, outcome, outcomes, folder)
    runs = min(runs, experiment.runs)
    if runs:
        loaded = levers_of(experiment, chosen, runs)
        count, total = len(loaded.policies), runs * len(loaded.policies)
        extent = f"{count} packages x {runs:,} runs = {total:,} runs"
        options.progress.note(f"levers: {extent}; --lever-runs N changes that, 0 runs none")
        levers = _levers(loaded, folder, options)
        shares = tuple(f"{part}_share_" for part in ("abated", *CAUSES))
        columns = list(dict.fromkeys([outcome, *(c for c in known if c.startswith(shares)), "public_meur"]))
        ranked_levers = ranking(levers, outcome, value or None).merge(sizes(loaded), on="lever", how="left")
        tables |= {"contributions": contributions(levers, columns), "levers": ranked_levers,
                   "frontier": frontier(ranked_levers)}  # fmt: skip
    for name, table in tables.items():
        write_atomically(folder / FOLDER / f"{name}.csv", csv_bytes(table))
    about, item = about_result(experiment, folder), known[outcome]
    return Comparison(about, folder, outcome, item.label, item.unit, chosen, runs, confidence, value, tables,
                      experiment.scenario)  # fmt: skip


def _chosen_runs(experiment: Experiment, package: str, outcome: str, outcomes: pd.DataFrame, folder: Path) -> int:
    """Runs per lever: as many as are done already for this package, or as many as tell an effect that matters."""
    done = []
    for path in sorted((folder / LEVERS).glob("*/complete.json")):
        runs = read_manifest(path.parent).experiment.runs
        if levers_of(experiment, package, runs).id == path.parent.name:
            done.append(runs)
    if done:
        return max(done)
    most = min(MOST_LEVER_RUNS, experiment.runs)
    return runs_needed(outcomes, outcome, experiment.baseline, package, FEWEST_LEVER_RUNS, most)


def _levers(loaded: Experiment, folder: Path, options: RunOptions) -> pd.DataFrame:
    """Outcomes of the levers' runs, of which those that are missing are run in the folder of the result."""
    done = run_experiment(loaded, folder / LEVERS / loaded.id, options)
    if done.failures:
        raise InputError(done.folder, "levers", None, "some runs failed; see failures.json")
    return read_table(done.folder, "outcomes")


def carbon_price(folder: Path, baseline: str) -> float:
    """Mean carbon price of the baseline over years and futures, EUR/t; 0 where there is none to speak of."""
    bands = read_table(folder, "bands")
    rows = bands[(bands["policy"] == baseline) & (bands["measure"] == "carbon_price_eur_per_t")]
    price = float(rows["mean"].mean())
    return price if price >= LOWEST_PRICE else 0.0


def _comparable(folder: Path, lever_runs: int | None) -> Experiment:
    """The experiment of a result; raises InputError unless it is complete and holds what a comparison needs."""
    experiment = reopen_whole(folder)
    if "gates" not in RECORDINGS[experiment.recording]:
        expected = f'holds {experiment.recording} only; expected a result of `run` with recording = "{RECORDING}"'
        raise InputError(folder, "results", None, expected)
    if len(experiment.policies) < 2:
        only = experiment.policies[0].name
        raise InputError(folder, "policies", only, "is the only policy; expected at least two to compare")
    if experiment.runs < 2 or lever_runs == 1:
        raise InputError(folder, "runs", 1, "expected at least two runs to compare, and two or none per lever")
    return experiment


def _check_focus(experiment: Experiment, outcome: str, known: Mapping[str, Compared], package: str | None) -> None:
    """Raise InputError unless the outcome can be better or worse, and the package is set against the baseline."""
    if outcome not in known:
        raise InputError("", "--outcome", outcome, "no such outcome", known)
    if known[outcome].better == 0:
        raise InputError("", "--outcome", outcome, "is neither better high nor low; expected an outcome that is")
    if package == experiment.baseline:
        raise InputError("", "--package", package, "is the baseline; expected a package to set against it")
    names = [policy.name for policy in experiment.policies]
    if package is not None and package not in names:
        raise InputError("", "--package", package, "not among the result's policies", names)


def announcements_of(experiment: Experiment) -> list[Announcement]:
    """Projects of plants and networks that are in hand at the start."""
    return [
        Announcement(project.agent, project.name, project.technology, project.start_year, project.stage)
        for project in experiment.scenario.projects
    ]


def _roadmap(experiment: Experiment, folder: Path, confidence: float) -> dict[str, pd.DataFrame]:
    """The tables on projects in hand and on milestones."""
    projects, pipeline, gates = (read_table(folder, name) for name in ("projects", "pipeline", "gates"))
    world = world_of(experiment, 0)
    announced = announcements_of(experiment)
    options = {(firm, name): row for firm, name, row in rows_of(world)}
    table = world.template.options
    needs, capital = {}, {}
    for item in announced:
        row = options.get((item.agent, item.technology))
        if row is not None:
            needs[item] = {world.network_ids[n]: float(table[row].volume[world.template.networks[n].kind])
                           for n in range(len(world.network_ids))}  # fmt: skip
            capital[item] = float(table[row].capex_meur)
    room = sum(f.capital_meur for f in experiment.scenario.file.financier)
    gearing = float(world.template.parameters[0]["gearing_max"])
    baseline = float(world.template.firms.baseline_kt.sum())
    abated = abated_by_option(world)
    years = sorted(experiment.targets) or [experiment.last_year]
    return {
        "announcements": confront(projects, pipeline, gates, announced, experiment.first_year, experiment.last_year),
        "fits": fits(announced, needs, experiment.scenario.file.network, capital, room, gearing),
        "carriers": pd.concat([carriers(projects, abated, year, baseline) for year in years], ignore_index=True),
        "decisions": pd.concat([latest_decisions(projects, year, confidence) for year in years], ignore_index=True),
    }
