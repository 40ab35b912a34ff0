"""Puts a world together: scenario + policy package + horizon -> the records that the drivers start from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterpact.agents.parameters import PARAMETER_RECORD, default_parameters
from clusterpact.agents.records import RECORDS, empty
from clusterpact.policies.package import Package
from clusterpact.sim.coverage import policy_tables, trigger_records
from clusterpact.sim.measures import ACCOUNT_RECORD
from clusterpact.sim.options import option_records, power_sectors
from clusterpact.sim.pipeline import Project
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.state import State
from clusterpact.sim.template import (
    adoption_records,
    buyer_records,
    fill_firm,
    financier_records,
    government_records,
    instrument_records,
    link_records,
    milestone_records,
    network_records,
    owner_records,
    pact_records,
    peer_tie_records,
    per_lender,
    place_units,
    price_table,
    project_records,
    resource_records,
    stacked,
    technology_records,
    volatility,
    world_record,
)


@dataclass(frozen=True)
class World:
    """What all runs of a policy share: the template state, and names for its rows."""

    template: State
    first_year: int
    last_year: int
    firm_ids: tuple[str, ...]
    network_ids: tuple[str, ...]
    option_names: tuple[tuple[str, ...], ...]
    names: dict[str, tuple[str, ...]]  #: of the rows of every array of agents, by the array's name
    projects: tuple[Project, ...]  #: of plants, in hand at the start: the rows of `pipeline`
    policy: str  #: name of the package in force
    waiting: tuple[str, ...] = ()  #: instruments that wait for a signal, in the order of the triggers' rows

    def __post_init__(self) -> None:
        for kind in RECORDS.values():
            if kind.agent and len(self.names.get(kind.array, ())) != len(getattr(self.template, kind.array)):
                raise TypeError(f"{kind.array}: expected a name for every row")

    @property
    def firm_names(self) -> tuple[str, ...]:
        """Names of the plants, in the order of their rows."""
        return self.names["firms"]

    @property
    def network_names(self) -> tuple[str, ...]:
        """Names of the networks, in the order of their rows."""
        return self.names["networks"]

    @property
    def years(self) -> int:
        """Years of the horizon."""
        return self.last_year - self.first_year + 1

    @property
    def quarters(self) -> int:
        """Quarters of the horizon."""
        return 4 * self.years

    def date(self, quarter: int) -> str:
        """A quarter of the horizon, such as '2029 Q3'."""
        return f"{self.first_year + quarter // 4} Q{quarter % 4 + 1}"

    def fresh_state(self) -> State:
        """Working records of their own, for one driver or thread."""
        return self.template.copy()


def build_world(scenario: Scenario, package: Package, first_year: int, last_year: int, seed: int,
                check_books: bool = False, theories: dict[str, str] | None = None) -> World:  # fmt: skip
    """Records of a cluster, or of several in one world, under a policy, at the start of the horizon.

    theories: by decision, the theory in force where it is not the usual one (`clusterpact.agents.theories`).
    """
    clusters, file, plants = scenario.clusters, scenario.file, scenario.plants
    years = last_year - first_year + 1
    sectors = {plant.sector for plant in plants}
    technologies = [row for row in scenario.tables.technologies if row.sector in sectors]
    technology_rows = {(row.sector, row.technology): k for k, row in enumerate(technologies)}
    firms = empty("firm", len(plants))
    options, names = option_records(plants, scenario.tables, technology_rows, firms)
    projects = tuple(project for project in scenario.projects if not project.network)
    rows = {plant.site: i for i, plant in reversed([*enumerate(plants)])}  # a plant stands for its first unit
    rows |= {plant.id: i for i, plant in enumerate(plants)}
    power = set(power_sectors(scenario.tables))
    place_units(plants, firms)
    for i, plant in enumerate(plants):
        fill_firm(firms[i], plant, scenario.tables, first_year)
        firms[i].sells_power = int(plant.sector in power)
    owners = owner_records(scenario, firms)
    networks = network_records(file.network, scenario.projects, first_year)
    pacts = pact_records(clusters, firms, networks, [government.id for government in file.government])
    governments = government_records(file.government, first_year, pacts)
    tables, numbers = policy_tables(scenario, package, first_year, last_year)
    triggers, waiting = trigger_records(scenario, package, tables)
    firms.policy_table, networks.policy_table = numbers[: len(firms)], numbers[len(firms) :]
    template = State(
        parameters=default_parameters().view(PARAMETER_RECORD),
        prices=stacked([price_table(cluster.tables, first_year, years) for cluster in clusters]),
        volatility=volatility(scenario.tables),
        policy=stacked([table.records for table in tables]),
        options=options,
        assessments=empty("assessment", len(options)),
        market=stacked([milestone_records(c.file.milestones, c.file.base_year, first_year, years) for c in clusters]),
        world=world_record(seed, first_year, years, check_books, theories or {}),
        spots=empty("spot", len(clusters)),
        account=np.zeros(2, ACCOUNT_RECORD).view(np.recarray),
        firms=firms,
        technologies=technology_records(technologies, first_year),
        networks=networks,
        financiers=financier_records(file.financier),
        governments=governments,
        adoptions=adoption_records(governments),
        pacts=pacts,
        links=link_records(file.link, rows),
        peer_ties=peer_tie_records(scenario.teams, [government.id for government in file.government]),
        instruments=instrument_records(),
        owners=owners,
        pipeline=project_records(projects, rows, names, firms, first_year),
        resources=resource_records(clusters),
        buyers=buyer_records(clusters, first_year),
        triggers=triggers,
        queue=np.zeros(max(1, len(firms)), np.int64),
        draws=np.zeros(max(1, len(firms))),
        **per_lender(len(file.financier), len(clusters), len(firms), len(owners), len(networks)),
    )
    return World(template, first_year, last_year, tuple(p.id for p in plants), tuple(n.id for n in file.network),
                 tuple(names), _names(scenario), projects, package.name, waiting)  # fmt: skip


def _names(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Names of the rows of every array of agents."""
    file = scenario.file
    agents: dict[str, tuple[Any, ...]] = {
        "firms": scenario.plants,
        "networks": file.network,
        "financiers": file.financier,
        "governments": file.government,
        "buyers": scenario.buyers,
    }
    named = {array: tuple(row.name for row in rows) for array, rows in agents.items()}
    named["owners"] = tuple(owner.title for owner in scenario.owners)
    named["pacts"] = tuple(cluster.file.title for cluster in scenario.clusters)
    return named


def parameter_records(design: dict[str, np.ndarray], runs: int) -> np.recarray:
    """Parameter records of many runs: defaults, with the sampled columns of a design in their place."""
    table = default_parameters(runs)
    for name, values in design.items():
        table[name] = values
    return table
