"""Puts a world together: scenario + policy package + horizon -> the records that the drivers start from."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from clusterpact.agents.chance import agent_number
from clusterpact.agents.parameters import PARAMETER_RECORD, default_parameters
from clusterpact.agents.records import RECORDS, empty
from clusterpact.agents.theories import theory_numbers
from clusterpact.agents.vocabulary import CARRIERS, DUTIES, GOODS, GOVERNANCE_MODES, NET_OPERATING, NETWORK_KINDS
from clusterpact.policies.catalogue import ADOPTABLE, INSTRUMENTS, POLICY_DTYPE, TOPICS
from clusterpact.policies.package import Package
from clusterpact.sim.cluster import Financier, Government, HeatLink, Network, Plant, Team
from clusterpact.sim.markets import LEVELISING_RATE, LEVELISING_YEARS
from clusterpact.sim.measures import ACCOUNT_RECORD
from clusterpact.sim.options import option_records, power_sectors, technology_records
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.state import State
from clusterpact.sim.tables import Tables


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
    rows = {plant.id: i for i, plant in enumerate(plants)}
    power = set(power_sectors(scenario.tables))
    for i, plant in enumerate(plants):
        _fill_firm(firms[i], plant, scenario.tables)
        firms[i].gas_supplier = rows.get(plant.gas_from, -1)
        firms[i].sells_power = int(plant.sector in power)
    owners = _owners(scenario, firms)
    networks = _networks(file.network, first_year)
    pacts = _pacts(clusters, firms, networks, [government.id for government in file.government])
    governments = _governments(file.government, first_year, pacts)
    template = State(
        parameters=default_parameters().view(PARAMETER_RECORD),
        prices=_stack([_price_table(cluster.tables, first_year, years) for cluster in clusters]),
        volatility=_volatility(scenario.tables),
        policy=_stack([package.by_year(first_year, last_year, cluster.law) for cluster in clusters]),
        options=options,
        assessments=empty("assessment", len(options)),
        market=_stack([_milestones(c.file.milestones, c.file.base_year, first_year, years) for c in clusters]),
        world=_world(seed, first_year, years, check_books, theories or {}),
        spots=empty("spot", len(clusters)),
        account=np.zeros(2, ACCOUNT_RECORD).view(np.recarray),
        firms=firms,
        technologies=technology_records(technologies, first_year),
        networks=networks,
        financiers=_financiers(file.financier),
        governments=governments,
        adoptions=_adoptions(governments),
        pacts=pacts,
        links=_links(file.link, rows),
        peer_ties=_peer_ties(scenario.teams, [government.id for government in file.government]),
        instruments=_instruments(),
        owners=owners,
        queue=np.zeros(max(1, len(firms)), np.int64),
        **_per_lender(len(file.financier), len(clusters), len(firms), len(owners), len(networks)),
    )
    agents: dict[str, tuple[Any, ...]] = {
        "firms": plants,
        "networks": file.network,
        "financiers": file.financier,
        "governments": file.government,
    }
    named = {array: tuple(row.name for row in rows) for array, rows in agents.items()}
    named["owners"] = tuple(owner.title for owner in scenario.owners)
    named["pacts"] = tuple(cluster.file.title for cluster in clusters)
    return World(template, first_year, last_year, tuple(p.id for p in plants), tuple(n.id for n in file.network),
                 tuple(names), named)  # fmt: skip


def _per_lender(lenders: int, clusters: int, firms: int, owners: int, networks: int) -> dict[str, np.ndarray]:
    """What is kept for every lender: trust in clusters' governments, loans by borrower and by client, a loan under way."""
    counts = {"credibility": clusters, "loans": firms + networks, "clients": owners + networks, "rates": 1, "offers": 1}
    return {name: np.zeros(max(1, count * lenders)) for name, count in counts.items()}


def _world(seed: int, first_year: int, years: int, check_books: bool, theories: dict[str, str]) -> np.recarray:
    world = empty("world", 1)
    world.seed, world.start_year, world.years, world.check_books = seed, first_year, years, int(check_books)
    for decision, number in theory_numbers(theories).items():
        world[f"{decision}_rule"] = number
    return world


def _stack(tables: list[np.recarray]) -> np.recarray:
    """Tables of several clusters, one after the other."""
    return np.concatenate(tables).view(np.recarray)


def parameter_records(design: dict[str, np.ndarray], runs: int) -> np.recarray:
    """Parameter records of many runs: defaults, with the sampled columns of a design in their place."""
    table = default_parameters(runs)
    for name, values in design.items():
        table[name] = values
    return table


def _price_table(tables: Tables, first_year: int, years: int) -> np.recarray:
    table = empty("price_table", years)
    span = np.arange(first_year, first_year + years)
    for column, carrier in enumerate(CARRIERS):
        rows = sorted((row for row in tables.prices if row.carrier == carrier), key=lambda row: row.year)
        known = [row.year for row in rows]
        for path in ("low", "mid", "high"):
            table[path][:, column] = np.interp(span, known, [getattr(row, path) for row in rows])
    for column, goods in enumerate(GOODS):
        shares = sorted((row for row in tables.allocation_path if row.goods == goods), key=lambda row: row.year)
        for path in ("law", "slower"):
            values = [getattr(row, path) for row in shares]
            table[f"free_share_{path}"][:, column] = np.interp(span, [row.year for row in shares], values)
    return table


def _volatility(tables: Tables) -> np.recarray:
    table = empty("volatility", 1)
    correlation = np.eye(len(CARRIERS))
    for pair in tables.correlations:
        a, b = CARRIERS.index(pair.carrier_a), CARRIERS.index(pair.carrier_b)
        correlation[a, b] = correlation[b, a] = pair.correlation
    table.cholesky[0] = np.linalg.cholesky(correlation)
    discount = (1 + LEVELISING_RATE) ** -np.arange(LEVELISING_YEARS)
    for row in tables.volatility:
        column = CARRIERS.index(row.carrier)
        kappa = row.mean_reversion_per_year
        table.decay[0, column] = np.exp(-kappa / 4)
        table.spread[0, column] = row.sigma_per_sqrt_year * np.sqrt((1 - np.exp(-kappa / 2)) / (2 * kappa))
        remaining = np.exp(-kappa * np.arange(LEVELISING_YEARS))
        table.persistence[0, column] = (remaining * discount).sum() / discount.sum()
    return table


def _milestones(milestones: dict[str, float], base_year: int, first_year: int, years: int) -> np.recarray:
    market = empty("market", years)
    points = sorted((int(year), share) for year, share in milestones.items())
    known = [(base_year, 0.0), *points]
    for y in range(years):
        year = first_year + y
        market[y].target = max((share for at, share in points if at <= year), default=0.0)
        market[y].shared_target = np.interp(year, [at for at, _ in known], [share for _, share in known])
    return market


def _fill_firm(firm, plant: Plant, tables: Tables) -> None:
    economy = tables.economy[plant.sector]
    firm.id = agent_number(plant.id)
    firm.baseline_kt = plant.scope1_kt_per_year
    firm.jobs = plant.jobs if plant.jobs is not None else economy.jobs_per_kunit * plant.capacity
    firm.jobs_multiplier, firm.gva_multiplier = economy.jobs_multiplier, economy.gva_multiplier
    listed = economy.gva_eur_per_unit * plant.capacity / 1000
    firm.gva_meur = listed if plant.gva_meur_per_year is None else plant.gva_meur_per_year
    firm.visibility = 1.0 if plant.capacity > 0 else 0.0
    firm.planned = int(plant.status == "planned")
    firm.cbam_good = int(tables.allocation[plant.sector, ""].cbam_good)
    firm.start_age = -1.0 if plant.campaign_age_years is None else plant.campaign_age_years
    firm.option = firm.first_option
    firm.base_intact = int(plant.status == "operating")
    firm.emission_kt = plant.scope1_kt_per_year


def _owners(scenario: Scenario, firms: np.recarray) -> np.recarray:
    """Owners of all plants; chains the plants of each, and sets their owners.

    The sponsors of a newcomer, which has neither a plant that runs nor accounts, are taken to have the means of an owner
    that runs what is planned.
    """
    table = empty("owner", len(scenario.owners))
    for o, row in enumerate(scenario.owners):
        table[o].id = agent_number(row.key)
        table[o].group_cash_flow_meur, table[o].group_net_debt_meur = row.cash_flow_meur_per_year, row.net_debt_meur
    for i in range(len(firms) - 1, -1, -1):
        owner = table[scenario.owner_rows[i]]
        firms[i].owner, firms[i].sibling = scenario.owner_rows[i], owner.first_firm
        owner.first_firm = i
        owner.gva_meur += 0.0 if firms[i].planned else firms[i].gva_meur
    newcomers = (table.gva_meur == 0) & (table.group_cash_flow_meur == 0)
    for firm in firms[newcomers[firms.owner]]:
        table[firm.owner].gva_meur += firm.gva_meur
    return table


def _instruments() -> np.recarray:
    """Instruments that are a government's word, by their place among those of a policy."""
    columns = POLICY_DTYPE.names or ()
    promised = [instrument for instrument in INSTRUMENTS.values() if instrument.promised_by]
    table = empty("instrument", len(promised))
    for k, instrument in enumerate(promised):
        table[k].column, table[k].duty = columns.index(instrument.name), DUTIES.index(instrument.promised_by)
    return table


def _networks(networks: tuple[Network, ...], first_year: int) -> np.recarray:
    table = empty("network", len(networks))
    for n, row in enumerate(networks):
        net = table[n]
        net.id = agent_number(row.id)
        net.kind = NETWORK_KINDS.index(row.kind)
        net.phase, net.phase_capex_meur, net.scale_exponent = row.phase_per_year, row.capex_meur, row.scale_exponent
        net.opex_share, net.lead_quarters, net.life_years = row.opex_share_per_year, row.lead_quarters, row.life_years
        net.tariff_cap, net.service, net.grant_meur = (
            row.tariff_cap_eur_per_unit, row.service_eur_per_unit, row.grant_meur)  # fmt: skip
        net.first_season = max(0, 4 * (row.first_season_year - first_year))
        net.limit = np.inf if row.limit_per_year is None else row.limit_per_year
        if row.spare_per_year > 0:
            net.stage, net.capacity = NET_OPERATING, row.spare_per_year
    return table


def _financiers(financiers: tuple[Financier, ...]) -> np.recarray:
    table = empty("financier", len(financiers))
    for f, row in enumerate(financiers):
        table[f].id = agent_number(row.id)
        table[f].capital_meur, table[f].base_rate = row.capital_meur, row.base_rate_pct / 100
        table[f].novelty_appetite = row.novelty_appetite
        table[f].ticket_min_meur, table[f].ticket_max_meur = row.ticket_min_meur, row.ticket_max_meur
    return table


def _governments(governments: tuple[Government, ...], first_year: int, pacts: np.recarray) -> np.recarray:
    table = empty("government", len(governments))
    for g, row in enumerate(governments):
        table[g].id = agent_number(row.id)
        for flag in (*DUTIES, "reversal_exposed"):
            setattr(table[g], flag, int(getattr(row, flag)))
        table[g].first_election = 4 * (row.first_election_year - first_year) + 1
        table[g].term_quarters = 4 * row.term_years
        while table[g].first_election < 0:
            table[g].first_election += table[g].term_quarters
        table[g].price_scale = 1.0
        has_say = (pacts.carbon_government == g) | (pacts.support_government == g) | (pacts.pact_government == g)
        table[g].home = int(np.argmax(np.where(has_say, pacts.baseline_kt, -1.0)))
    return table


def _pacts(clusters: tuple[Scenario, ...], firms: np.recarray, networks: np.recarray, governments: list[str]) -> np.recarray:
    """Pacts of all clusters; sets the cluster of every firm and network, and the networks that each firm can use."""
    table = empty("pact", len(clusters))
    first = first_network = 0
    for c, cluster in enumerate(clusters):
        file, pact, members = cluster.file, table[c], firms[first : first + len(cluster.plants)].view(np.recarray)
        pact.own_mode = GOVERNANCE_MODES.index(file.governance)
        pact.first_firm, pact.n_firms = first, len(members)
        pact.anchor = first + int(np.argmax(members.baseline_kt))
        pact.baseline_kt = sum(float(kt) for kt in members.baseline_kt)
        for field, duty in zip(("carbon_government", "support_government", "pact_government"), DUTIES, strict=True):
            setattr(pact, field, governments.index(next(row.id for row in file.government if getattr(row, duty))))
        kinds = [network.kind for network in file.network]
        members.cluster = c
        members.network = [first_network + kinds.index(kind) if kind in kinds else -1 for kind in NETWORK_KINDS]
        networks.cluster[first_network : first_network + len(kinds)] = c
        first, first_network = first + len(members), first_network + len(kinds)
    return table


def _adoptions(governments: np.recarray) -> np.recarray:
    """What every government may adopt by itself: a row per government and instrument."""
    columns = POLICY_DTYPE.names or ()
    table = empty("adoption", len(governments) * len(ADOPTABLE))
    for row, (g, k) in enumerate(np.ndindex(len(governments), len(ADOPTABLE))):
        instrument = ADOPTABLE[k]
        table[row].column, table[row].typical = columns.index(instrument.name), instrument.typical
        table[row].duty = DUTIES.index(instrument.adopted_by)
        table[row].may_adopt = governments[g][instrument.adopted_by]
    return table


def _peer_ties(teams: tuple[Team, ...], governments: list[str]) -> np.recarray:
    """Ties between governments that share a team; for each instrument, the peers of a government weigh one together."""
    topics = {(tie, topic) for team in teams for tie in permutations(team.governments, 2) for topic in TOPICS[team.interest]}
    names = [instrument.name for instrument in ADOPTABLE]
    ties = sorted((governments.index(observer), governments.index(peer), names.index(topic))
                  for (observer, peer), topic in topics if topic in names)  # fmt: skip
    table = empty("peer_tie", len(ties))
    for e, (observer, peer, k) in enumerate(ties):
        table[e].observer, table[e].peer, table[e].instrument = observer, peer, k
        table[e].weight = 1.0 / sum(tie[0] == observer and tie[2] == k for tie in ties)
    return table


def _links(links: tuple[HeatLink, ...], rows: dict[str, int]) -> np.recarray:
    table = empty("link", len(links))
    for e, row in enumerate(links):
        table[e].source, table[e].sink = rows[row.source_firm], rows[row.sink_firm]
        table[e].heat_gwh, table[e].capex_meur = row.heat_gwh_per_year, row.capex_meur
    return table
