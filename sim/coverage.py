"""Which instruments are in force for whom: yearly tables for all of a cluster, and for those that some instruments name."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from clusterpact.inputs import InputError, Mistakes
from clusterpact.policies.package import Package
from clusterpact.sim.cluster import Network, Plant

if TYPE_CHECKING:
    from clusterpact.sim.scenario import Scenario

#: The names that an agent goes by under each key of `for`.
Names = Mapping[str, frozenset[str]]


def _known_as(*ids: str) -> frozenset[str]:
    """Ids as they are, and without the name of a member of a network of clusters before them."""
    return frozenset({*ids, *(name.rsplit("/", 1)[-1] for name in ids)})


def names_of_plant(plant: Plant) -> Names:
    """What a plant, or a unit of one, may be called by whom an instrument is for."""
    return {
        "plant": _known_as(plant.id, plant.site),
        "sector": frozenset({plant.sector}),
        "owner": _known_as(plant.owner_key),
    }


def names_of_network(network: Network) -> Names:
    """What a network may be called by whom an instrument is for: its id, or its kind."""
    return {"network": _known_as(network.id) | {network.kind}}


def agents_of(scenario: "Scenario") -> list[Names]:
    """Names of the plants and then of the networks of a world, in the order of their rows."""
    return [*map(names_of_plant, scenario.plants), *map(names_of_network, scenario.file.network)]


def check_targets(package: Package, scenario: "Scenario", file: object, prefix: str = "") -> None:
    """Raise InputError where a package names a plant, sector, owner or network that a cluster does not have."""
    if not package.targets:
        return
    agents, mistakes = agents_of(scenario), Mistakes()
    for instrument, target in package.targets.items():
        for key, names in target.named:
            known = sorted({name for agent in agents for name in agent.get(key, ())})
            for name in names:
                with mistakes.apart():
                    if name not in known:
                        place = f"{prefix}{instrument}.for.{key}"
                        raise InputError(file, place, name, f"no such {key} in {scenario.file.name}", known)
    mistakes.tell()


def policy_tables(
    scenario: "Scenario", package: Package, first_year: int, last_year: int
) -> tuple[list[np.recarray], list[int]]:
    """Yearly tables of the instruments in force, shape (years,) each, and the number of every plant's and network's table.

    A table for all of each cluster comes first. Where an instrument is for some agents only, those of a cluster that the
    same instruments are for share a table of their own.
    """
    clusters = scenario.clusters
    tables = [package.by_year(first_year, last_year, cluster.law) for cluster in clusters]
    homes = [c for c, cluster in enumerate(clusters) for _ in cluster.plants]
    homes += [c for c, cluster in enumerate(clusters) for _ in cluster.file.network]
    numbers, known = [], dict[tuple[int, tuple[bool, ...]], int]()
    for c, agent in zip(homes, agents_of(scenario), strict=True):
        law = clusters[c].law
        targets = [*package.targets.values(), *law.targets.values()]
        key = c, tuple(target.covers(agent) for target in targets)
        if targets and key not in known:
            known[key] = len(tables)
            tables.append(package.by_year(first_year, last_year, law, _is_for(agent)))
        numbers.append(known.get(key, c))
    for table, c in zip(tables, [*range(len(clusters)), *(c for c, _ in known)], strict=True):
        table.cluster = c
    return tables, numbers


def differ(scenario: "Scenario", one: Package, other: Package, first_year: int, last_year: int) -> bool:
    """Whether two packages put anything else in force, for all of a cluster or for any agent, in any year."""
    (left, of_left), (right, of_right) = (policy_tables(scenario, p, first_year, last_year) for p in (one, other))
    places = range(len(scenario.clusters))
    pairs = {*zip(places, places, strict=True), *zip(of_left, of_right, strict=True)}
    return any(left[a].tobytes() != right[b].tobytes() for a, b in pairs)


def _is_for(agent: Names) -> Callable[[Package, str], bool]:
    """Whether an instrument of a package, or of a law, is for an agent."""
    return lambda package, name: name not in package.targets or package.targets[name].covers(agent)
