"""Which instruments are in force for whom: yearly tables for all of a cluster, and for those that some instruments name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clusterpact.agents.records import empty
from clusterpact.agents.vocabulary import SIGNALS
from clusterpact.inputs import InputError, Mistakes
from clusterpact.policies.catalogue import INSTRUMENTS, POLICY_DTYPE
from clusterpact.policies.package import Package
from clusterpact.sim.cluster import Network, Plant

if TYPE_CHECKING:
    from clusterpact.sim.scenario import Scenario

#: The names that an agent goes by under each key of `for`.
Names = Mapping[str, frozenset[str]]
IsFor = Callable[[Package, str], bool]


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
    """Raise InputError where a package names, or waits for, somebody or a network that a cluster does not have."""
    agents, mistakes = agents_of(scenario), Mistakes()
    for instrument, target in package.targets.items():
        for key, names in target.named:
            known = sorted({name for agent in agents for name in agent.get(key, ())})
            for name in names:
                with mistakes.apart():
                    if name not in known:
                        place = f"{prefix}{instrument}.for.{key}"
                        raise InputError(file, place, name, f"no such {key} in {scenario.file.name}", known)
    networks = sorted({name for agent in agents for name in agent.get("network", ())})
    for instrument, signal in package.signals.items():
        with mistakes.apart():
            if signal.of and signal.of not in networks:
                expected = f"no such network in {scenario.file.name}"
                raise InputError(file, f"{prefix}{instrument}.when", signal.of, expected, networks)
    mistakes.tell()


@dataclass(frozen=True)
class PolicyTable:
    """The instruments in force by year, for all of a cluster (no `is_for`) or for agents that the same ones are for."""

    records: np.recarray  #: shape (years,)
    cluster: int
    is_for: IsFor | None = None


def policy_tables(
    scenario: "Scenario", package: Package, first_year: int, last_year: int
) -> tuple[list[PolicyTable], list[int]]:
    """Yearly tables of the instruments in force, and the number of every plant's and network's table.

    A table for all of each cluster comes first. Where an instrument is for some agents only, those of a cluster that the
    same instruments are for share a table of their own.
    """
    clusters = scenario.clusters

    def table(c: int, is_for: IsFor | None = None) -> PolicyTable:
        records = package.by_year(first_year, last_year, clusters[c].law, is_for)
        records.cluster = c
        return PolicyTable(records, c, is_for)

    tables = [table(c) for c in range(len(clusters))]
    homes = [c for c, cluster in enumerate(clusters) for _ in cluster.plants]
    homes += [c for c, cluster in enumerate(clusters) for _ in cluster.file.network]
    numbers, known = [], dict[tuple[int, tuple[bool, ...]], int]()
    for c, agent in zip(homes, agents_of(scenario), strict=True):
        targets = [*package.targets.values(), *clusters[c].law.targets.values()]
        key = c, tuple(target.covers(agent) for target in targets)
        if targets and key not in known:
            known[key] = len(tables)
            tables.append(table(c, _is_for(agent)))
        numbers.append(known.get(key, c))
    return tables, numbers


def trigger_records(
    scenario: "Scenario", package: Package, tables: list[PolicyTable]
) -> tuple[np.recarray, tuple[str, ...]]:
    """Triggers of the instruments that wait for a signal, one a table in which they would start, and their instruments."""
    rows = []
    columns = POLICY_DTYPE.names or ()
    networks = scenario.file.network
    homes = [c for c, cluster in enumerate(scenario.clusters) for _ in cluster.file.network]
    for name, signal in package.signals.items():
        for number, table in enumerate(tables):
            is_meant = name not in package.targets or (table.is_for is not None and table.is_for(package, name))
            own = [n for n, network in enumerate(networks)
                   if homes[n] == table.cluster and signal.of in names_of_network(network)["network"]]  # fmt: skip
            is_pot = INSTRUMENTS[name].is_pot
            if (signal.of and not own) or not (is_meant or is_pot):
                continue
            row = empty("trigger", 1)
            strength = package.schedules[name][0][1]
            row.cluster, row.policy_table, row.column = table.cluster, number, columns.index(name)
            row.strength = strength if is_meant or table.is_for is None else 0.0
            row.signal, row.network = [*SIGNALS].index(signal.name), own[0] if own else -1
            row.level, row.falls, row.strict, row.years = signal.level, signal.falls, signal.is_strict, signal.years
            rows.append((name, row))
    found = np.concatenate([row for _, row in rows]) if rows else empty("trigger", 0)
    return found.view(np.recarray), tuple(name for name, _ in rows)


def differ(scenario: "Scenario", one: Package, other: Package, first_year: int, last_year: int) -> bool:
    """Whether two packages put anything else in force, for all of a cluster or for any agent, in any year."""
    (left, of_left), (right, of_right) = (policy_tables(scenario, p, first_year, last_year) for p in (one, other))
    places = range(len(scenario.clusters))
    pairs = {*zip(places, places, strict=True), *zip(of_left, of_right, strict=True)}
    waiting = [trigger_records(scenario, p, found) for p, found in ((one, left), (other, right))]
    same = waiting[0][0].tobytes() == waiting[1][0].tobytes()
    return not same or any(left[a].records.tobytes() != right[b].records.tobytes() for a, b in pairs)


def _is_for(agent: Names) -> IsFor:
    """Whether an instrument of a package, or of a law, is for an agent."""
    return lambda package, name: name not in package.targets or package.targets[name].covers(agent)
