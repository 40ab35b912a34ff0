"""What the page of the lab holds of an experiment: its world, packages, instruments, uncertainties and ensemble, as data."""

import math
import shlex
from collections.abc import Iterable
from typing import Any

import numpy as np

from clusterpact.agents.chance import DESIGN, agent_number
from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.agents.parameters import PARAMETER_DTYPE, PARAMETERS
from clusterpact.agents.vocabulary import BUDGET_LINES, GATES, GOVERNANCE_MODES
from clusterpact.experiments.ensemble import Ensemble
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.shards import world_of
from clusterpact.inputs import InputError
from clusterpact.lab.world import packed, world_data
from clusterpact.policies.catalogue import INSTRUMENTS, POLICY_DTYPE, Instrument
from clusterpact.policies.package import Package
from clusterpact.results.recorded import CAUSES
from clusterpact.results.store import report_years
from clusterpact.sim.measures import MEASURES, PRIVATE_LINES, PUBLIC_LINES


def lab_data(experiment: Experiment, base: str | None = None) -> dict[str, Any]:
    """Everything that the page runs and shows, as plain data; raises InputError for what the page cannot run.

    base: what an experiment that the page saves builds on: a name of the library, or a file beside it.
    Numbers of agents and streams are texts, since they have 64 bits. Packages that name whom an instrument is for, or what
    it waits for, are `fixed`: the page shows them and does not run them.
    """
    scenario = experiment.scenario
    if experiment.screening is not None:
        raise InputError(experiment.name, "screening", None, "cannot be run by the lab; expected an experiment without one")
    for cluster in scenario.clusters:
        if cluster.law.targets:
            name = next(iter(cluster.law.targets))
            expected = "is for some of a cluster; the lab knows laws that are for all of it"
            raise InputError(cluster.file.name, f"law.{name}.for", None, expected)
    baseline = [package.name for package in experiment.policies].index(experiment.baseline)
    world = world_of(experiment, baseline)
    return {
        "name": experiment.name, "title": experiment.heading, "cluster_title": scenario.file.title,
        "seed": str(experiment.seed), "first_run": experiment.first_run, "runs": experiment.runs,
        "first_year": experiment.first_year, "last_year": experiment.last_year, "baseline": experiment.baseline,
        "rules": SOURCE_HASH, "world": world_data(world),
        "targets": {str(year): share for year, share in sorted(experiment.targets.items())},
        "base": base or experiment.name, "command": f"clusterpact run {shlex.quote(base or experiment.name)}",
        "firms": [{"id": plant.id, "name": plant.name, "sector": plant.sector, "baseline_kt": float(firm.baseline_kt),
                   "options": options}
                  for plant, firm, options in zip(scenario.plants, world.template.firms, world.option_names, strict=True)],
        "baseline_kt": math.fsum(world.template.firms.baseline_kt),
        "network_ids": world.network_ids, "network_names": world.network_names,
        "gate_names": GATES, "governance_modes": GOVERNANCE_MODES, "budget_lines": BUDGET_LINES,
        "policy_columns": POLICY_DTYPE.names,
        "instruments": [instrument_data(row) for row in INSTRUMENTS.values()],
        "laws": [package_data(cluster.law) for cluster in scenario.clusters],
        "policies": [package_data(package) for package in experiment.policies],
        "parameters": list(PARAMETER_DTYPE.names or ()),
        "fixed": experiment.parameters, "uncertainty": list(uncertainty_data(experiment)),
        "design_stream": str(DESIGN),
        "ensemble": None if experiment.ensemble is None else ensemble_data(experiment.ensemble, experiment.parameters),
        "measures": [{"name": one.name, "unit": one.unit, "meaning": one.meaning, "kind": one.kind} for one in MEASURES],
        "report_years": report_years(experiment.first_year, experiment.last_year), "causes": list(CAUSES),
        "public_lines": PUBLIC_LINES, "private_lines": PRIVATE_LINES,
    }  # fmt: skip


def instrument_data(row: Instrument) -> dict[str, Any]:
    """An instrument of the catalogue; step: by how much a slider moves it, a tenth of a round number near the typical."""
    return {
        "name": row.name, "title": row.action, "meaning": row.meaning, "unit": row.unit, "low": row.low, "high": row.high,
        "typical": row.typical, "payer": row.who_pays, "who": row.controlled_by,
        "step": 10.0 ** (math.floor(math.log10(row.typical)) - 1),
    }  # fmt: skip


def package_data(package: Package) -> dict[str, Any]:
    """A package as data; fixed: whether it holds what the page cannot run."""
    return {
        "name": package.name, "title": package.title, "description": package.description,
        "governance_mode": package.governance_mode,
        "schedules": package.schedules, "budgets": package.budgets,
        "practices": {name: {"value": one.value, "bound": one.bound} for name, one in package.practices.items()},
        "fixed": bool(package.targets or package.signals),
    }  # fmt: skip


def uncertainty_data(experiment: Experiment) -> Iterable[dict[str, Any]]:
    """What is drawn by itself: its distribution and the number that its luck hangs on."""
    for name, drawn in experiment.uncertainty.items():
        about = PARAMETERS[name]
        yield {"name": name, "meaning": about.meaning, "unit": about.unit, "kind": drawn.kind, "numbers": drawn.numbers,
               "low": drawn.low, "high": drawn.high, "agent": str(agent_number(name))}  # fmt: skip


def ensemble_data(ensemble: Ensemble, fixed: dict[str, float]) -> dict[str, Any]:
    """Sets of parameters that runs take, but for what the experiment fixes: names, columns as text, cumulated weights."""
    names = [name for name in ensemble.rows if name not in fixed]
    text = "\n".join(" ".join(repr(value) for value in ensemble.rows[name].tolist()) for name in names)
    return {
        "names": names, "columns": packed(np.frombuffer(text.encode(), np.uint8)), "edges": packed(ensemble.edges),
        "replicates": ensemble.replicates, "agent": str(agent_number("ensemble")),
    }  # fmt: skip
