"""Resources of a place, checked against what its plants use: a `[[resource]]` holds at least what is used at the start."""

from pathlib import Path

import numpy as np

from clusterpact.agents.records import empty
from clusterpact.agents.vocabulary import CARRIERS
from clusterpact.inputs import InputError
from clusterpact.sim.cluster import ClusterFile, Plant
from clusterpact.sim.options import option_records
from clusterpact.sim.pipeline import Project
from clusterpact.sim.tables import Tables

ROUNDING = 1e-9  #: share by which use may exceed what there is


def check_resources(
    path: Path, file: ClusterFile, plants: list[Plant], projects: tuple[Project, ...], tables: Tables, causes: list[str]
) -> None:
    """Raise InputError for a resource of which plants, decided projects included, use more than there is.

    causes: what looks wrong of plants' emissions, from which their use follows; the first of them is told too.
    """
    if not file.resource:
        return
    used = use_at_start(plants, projects, tables)
    for number, resource in enumerate(file.resource, start=1):
        unit = "kt" if resource.carrier == "scrap" else "GWh"
        need = used[resource.carrier]
        if need > resource.available_per_year * (1 + ROUNDING):
            key = f"resource[{number}].available_per_year"
            expected = f"expected at least the {need:.1f} {unit} of {resource.carrier} that plants and decided projects use"
            cause = f"; the cause may be {causes[0]}" if causes else ""
            raise InputError(path, key, resource.available_per_year, expected + cause)


def use_at_start(plants: list[Plant], projects: tuple[Project, ...], tables: Tables) -> dict[str, float]:
    """What plants take of every carrier a year (GWh; scrap: kt): of what they run or, if that is more, are building."""
    rows = {(row.sector, row.technology): k for k, row in enumerate(tables.technologies)}
    firms = empty("firm", len(plants))
    options, names = option_records(tuple(plants), tables, rows, firms)
    takes = options.energy_gwh.clip(0.0)
    building = {project.agent: project.technology for project in reversed(projects) if project.is_decided}
    used = takes[firms.first_option]
    for i, plant in enumerate(plants):
        if plant.id in building:
            row = firms[i].first_option + names[i].index(building[plant.id])
            used[i] = np.maximum(used[i], takes[row])
    return dict(zip(CARRIERS, used.sum(axis=0).tolist(), strict=True))
