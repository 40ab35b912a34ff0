"""The records that a run starts from, filled from what a scenario says: prices, plants, projects, networks, all agents."""

import math
from itertools import permutations

import numpy as np

from clusterpact.agents.chance import agent_number
from clusterpact.agents.elementary import exp, log, power
from clusterpact.agents.records import empty
from clusterpact.agents.tariffs import grant_to_network
from clusterpact.agents.theories import theory_numbers
from clusterpact.agents.vocabulary import (
    CARRIERS,
    CLOSED_DOWN,
    DUTIES,
    FAMILIES,
    GOODS,
    GOVERNANCE_MODES,
    NET_BUILDING,
    NET_OPERATING,
    NETWORK_KINDS,
    PROJECT_STAGES,
)
from clusterpact.policies.catalogue import ADOPTABLE, INSTRUMENTS, POLICY_DTYPE, TOPICS
from clusterpact.sim.arithmetic import cholesky, straight
from clusterpact.sim.cluster import Financier, Government, HeatLink, Network, Plant, Team
from clusterpact.sim.markets import LEVELISING_RATE, LEVELISING_YEARS
from clusterpact.sim.options import family, novelty
from clusterpact.sim.pipeline import Project
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.tables import Tables, Technology
from clusterpact.sim.units import Unit


def per_lender(lenders: int, clusters: int, firms: int, owners: int, networks: int) -> dict[str, np.ndarray]:
    """What is kept for every lender: trust in clusters' governments, loans by borrower and by client, a loan under way."""
    counts = {"credibility": clusters, "loans": firms + networks, "clients": owners + networks, "rates": 1, "offers": 1}
    tables = {name: np.zeros(max(1, count * lenders)) for name, count in counts.items()}
    return tables | {"ranking": np.zeros(max(1, lenders), np.int64)}


def world_record(seed: int, first_year: int, years: int, check_books: bool, theories: dict[str, str]) -> np.recarray:
    world = empty("world", 1)
    world.seed, world.start_year, world.years, world.check_books = seed, first_year, years, int(check_books)
    for decision, number in theory_numbers(theories).items():
        world[f"{decision}_rule"] = number
    return world


def stacked(tables: list[np.recarray]) -> np.recarray:
    """Tables of several clusters, one after the other."""
    return np.concatenate(tables).view(np.recarray)


def price_table(tables: Tables, first_year: int, years: int) -> np.recarray:
    table = empty("price_table", years)
    span = range(first_year, first_year + years)
    for column, carrier in enumerate(CARRIERS):
        rows = sorted((row for row in tables.prices if row.carrier == carrier), key=lambda row: row.year)
        known = [row.year for row in rows]
        for path in ("low", "mid", "high"):
            values = [getattr(row, path) for row in rows]
            table[path][:, column] = [straight(year, known, values) for year in span]
        came = {row.year: row.realised for row in rows if row.realised is not None}
        if came:
            table.realised[:, column] = [straight(year, [*came], [*came.values()], -1.0) for year in span]
    for column, goods in enumerate(GOODS):
        shares = sorted((row for row in tables.allocation_path if row.goods == goods), key=lambda row: row.year)
        for path in ("law", "slower"):
            values = [getattr(row, path) for row in shares]
            table[f"free_share_{path}"][:, column] = [straight(year, [row.year for row in shares], values) for year in span]
    return table


def technology_records(rows: list[Technology], first_year: int) -> np.recarray:
    table = empty("technology", len(rows))
    for k, row in enumerate(rows):
        table[k].first_year = row.first_year
        table[k].first_quarter = max(0, 4 * (row.first_year - first_year))
        table[k].novelty = novelty(row)
        table[k].learning_exponent = log(1.0 - row.learning_rate) / log(2.0)
        table[k].experience = 1.0
        table[k].family = FAMILIES.index(family(row))
    return table


def volatility(tables: Tables) -> np.recarray:
    table = empty("volatility", 1)
    correlation = np.eye(len(CARRIERS))
    for pair in tables.correlations:
        a, b = CARRIERS.index(pair.carrier_a), CARRIERS.index(pair.carrier_b)
        correlation[a, b] = correlation[b, a] = pair.correlation
    table.cholesky[0] = cholesky(correlation)
    discount = [power(1.0 + LEVELISING_RATE, -k) for k in range(LEVELISING_YEARS)]
    for row in tables.volatility:
        column = CARRIERS.index(row.carrier)
        kappa = row.mean_reversion_per_year
        table.decay[0, column] = exp(-kappa / 4)
        table.spread[0, column] = row.sigma_per_sqrt_year * math.sqrt((1 - exp(-kappa / 2)) / (2 * kappa))
        remaining = [exp(-kappa * k) * factor for k, factor in enumerate(discount)]
        table.persistence[0, column] = math.fsum(remaining) / math.fsum(discount)
    return table


def milestone_records(milestones: dict[str, float], base_year: int, first_year: int, years: int) -> np.recarray:
    market = empty("market", years)
    points = sorted((int(year), share) for year, share in milestones.items())
    known = [(base_year, 0.0), *points]
    for y in range(years):
        year = first_year + y
        market[y].target = max((share for at, share in points if at <= year), default=0.0)
        market[y].shared_target = straight(year, [at for at, _ in known], [share for _, share in known])
    return market


def place_units(plants: tuple[Plant, ...], firms: np.recarray) -> None:
    """Where the units of every plant lie, and whose furnace gases a plant burns (the row of the works' first unit)."""
    first: dict[str, int] = {}
    for i, plant in enumerate(plants):
        first.setdefault(plant.site, i)
    for i, plant in enumerate(plants):
        firms[i].site = first[plant.site]
        firms[first[plant.site]].units += 1
        firms[i].gas_supplier = first.get(plant.gas_from, -1)
    firms.units = firms.units[firms.site]


def fill_firm(firm, plant: Plant, tables: Tables, first_year: int) -> None:
    economy = tables.economy[plant.sector]
    firm.id = agent_number(plant.id)
    firm.plant, firm.product = agent_number(plant.site), agent_number(plant.sector)
    moves = tables.output[plant.sector]
    firm.output_spread = moves.output_spread_per_year
    firm.closure_per_year = moves.closure_per_year if plant.capacity > 0 else 0.0
    if isinstance(plant, Unit) and plant.last_year is not None:
        firm.last_quarter = max(0, 4 * (plant.last_year - first_year) + 3)
        if plant.last_year < first_year:
            firm.stage, firm.closed_quarter = CLOSED_DOWN, 0
    firm.baseline_kt = plant.scope1_kt_per_year
    firm.jobs = plant.jobs if plant.jobs is not None else economy.jobs_per_kunit * plant.capacity
    firm.jobs_multiplier, firm.gva_multiplier = economy.jobs_multiplier, economy.gva_multiplier
    listed = economy.gva_eur_per_unit * plant.capacity / 1000
    firm.gva_meur = listed if plant.gva_meur_per_year is None else plant.gva_meur_per_year
    firm.visibility = 1.0 / firm.units if plant.capacity > 0 else 0.0
    firm.planned = int(plant.status == "planned")
    firm.cbam_good = int(tables.allocation[plant.sector, ""].cbam_good)
    firm.start_age = -1.0 if plant.campaign_age_years is None else plant.campaign_age_years
    firm.option = firm.first_option
    firm.base_intact = int(plant.status == "operating")
    firm.emission_kt = plant.scope1_kt_per_year


def owner_records(scenario: Scenario, firms: np.recarray) -> np.recarray:
    """Owners of all plants; chains the plants of each, and sets their owners.

    The sponsors of a newcomer, which has neither a plant that runs nor accounts, are taken to have the means of an owner
    that runs what is planned.
    """
    table = empty("owner", len(scenario.owners))
    for o, row in enumerate(scenario.owners):
        table[o].id = agent_number(row.key)
        table[o].group_cash_flow_meur, table[o].group_net_debt_meur = row.cash_flow_meur_per_year, row.net_debt_meur
    rows = scenario.owner_rows
    for i in range(len(firms) - 1, -1, -1):
        owner = table[rows[i]]
        firms[i].owner, firms[i].sibling = rows[i], owner.first_firm
        owner.first_firm = i
        owner.gva_meur += 0.0 if firms[i].planned or firms[i].stage == CLOSED_DOWN else firms[i].gva_meur
    newcomers = (table.gva_meur == 0) & (table.group_cash_flow_meur == 0)
    for firm in firms[newcomers[firms.owner]]:
        table[firm.owner].gva_meur += firm.gva_meur
    return table


def instrument_records() -> np.recarray:
    """Instruments that are a government's word, by their place among those of a policy."""
    columns = POLICY_DTYPE.names or ()
    promised = [instrument for instrument in INSTRUMENTS.values() if instrument.promised_by]
    table = empty("instrument", len(promised))
    for k, instrument in enumerate(promised):
        table[k].column, table[k].duty = columns.index(instrument.name), DUTIES.index(instrument.promised_by)
    return table


def start_quarter(year: int, first_year: int) -> int:
    """The quarter of the horizon that a planned start in a year stands for: the middle of the year, not before the start."""
    return max(0, 4 * (year - first_year) + 2)


def project_records(projects: tuple[Project, ...], rows: dict[str, int], names: list[tuple[str, ...]], firms: np.recarray,
              first_year: int) -> np.recarray:  # fmt: skip
    """Projects of plants that are in hand at the start; chains the phases of each unit, and hands it the first one."""
    table = empty("project", len(projects))
    for q in range(len(projects) - 1, -1, -1):
        project = projects[q]
        i = rows[project.agent]
        table[q].firm, table[q].stage = i, PROJECT_STAGES.index(project.stage)
        table[q].option = firms[i].first_option + names[i].index(project.technology)
        table[q].grant_meur, table[q].strike = project.grant_meur, project.strike_eur_per_t or 0.0
        table[q].planned_quarter = start_quarter(project.start_year or first_year, first_year)
        table[q].next, firms[i].pipeline = firms[i].pipeline, q
    return table


def resource_records(clusters: tuple[Scenario, ...]) -> np.recarray:
    entries = [(c, row) for c, cluster in enumerate(clusters) for row in cluster.file.resource]
    table = empty("resource", len(entries))
    for r, (c, row) in enumerate(entries):
        table[r].cluster, table[r].carrier = c, CARRIERS.index(row.carrier)
        table[r].available, table[r].price_rise = row.available_per_year, row.price_rise_share
    return table


def buyer_records(clusters: tuple[Scenario, ...], first_year: int) -> np.recarray:
    entries = [(c, row) for c, cluster in enumerate(clusters) for row in cluster.buyers]
    table = empty("buyer", len(entries))
    for b, (c, row) in enumerate(entries):
        table[b].id, table[b].cluster, table[b].product = agent_number(row.id), c, agent_number(row.product)
        table[b].volume_kt, table[b].premium = row.volume_kt_per_year, row.premium_eur_per_t
        table[b].first_quarter = max(0, 4 * (row.from_year - first_year))
        table[b].contract_quarters, table[b].public_share = 4 * row.contract_years, row.public_share
    return table


def network_records(networks: tuple[Network, ...], projects: tuple[Project, ...], first_year: int) -> np.recarray:
    """Networks: operating where they have spare capacity, in works where their project is decided, else proposed."""
    table = empty("network", len(networks))
    in_hand = {project.network: project for project in projects if project.network}
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
        project = in_hand.get(row.id)
        if project is not None and project.stage in ("FID", "building") and row.spare_per_year == 0:
            begin_network(net, start_quarter(project.start_year or first_year, first_year))
    return table


def begin_network(net, planned_quarter: int) -> None:
    """A network whose first phase was decided before the start: it is in works, and its cost is on its operator's books."""
    net.stage, net.capacity, net.fid_quarter = NET_BUILDING, net.phase, 0
    net.planned_quarter = net.ready_quarter = planned_quarter
    net.invested_meur, net.granted_meur = net.phase_capex_meur, grant_to_network(net, net.phase_capex_meur)
    net.asset_base_meur = net.equity_meur = net.invested_meur - net.granted_meur


def financier_records(financiers: tuple[Financier, ...]) -> np.recarray:
    table = empty("financier", len(financiers))
    for f, row in enumerate(financiers):
        table[f].id = agent_number(row.id)
        table[f].capital_meur, table[f].base_rate = row.capital_meur, row.base_rate_pct / 100
        table[f].novelty_appetite = row.novelty_appetite
        table[f].ticket_min_meur, table[f].ticket_max_meur = row.ticket_min_meur, row.ticket_max_meur
    return table


def government_records(governments: tuple[Government, ...], first_year: int, pacts: np.recarray) -> np.recarray:
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


def pact_records(
    clusters: tuple[Scenario, ...], firms: np.recarray, networks: np.recarray, governments: list[str]
) -> np.recarray:
    """Pacts of all clusters; sets the cluster of every firm and network, and the networks that each firm can use."""
    table = empty("pact", len(clusters))
    first = first_network = 0
    for c, cluster in enumerate(clusters):
        file, pact, members = cluster.file, table[c], firms[first : first + len(cluster.plants)].view(np.recarray)
        pact.own_mode = GOVERNANCE_MODES.index(file.governance)
        pact.first_firm, pact.n_firms = first, len(members)
        plants = members.site - first
        pact.anchor = first + int(np.argmax(np.bincount(plants, members.baseline_kt, len(members))))
        pact.baseline_kt = math.fsum(members.baseline_kt)
        for field, duty in zip(("carbon_government", "support_government", "pact_government"), DUTIES, strict=True):
            setattr(pact, field, governments.index(next(row.id for row in file.government if getattr(row, duty))))
        kinds = [network.kind for network in file.network]
        members.cluster = c
        members.network = [first_network + kinds.index(kind) if kind in kinds else -1 for kind in NETWORK_KINDS]
        networks.cluster[first_network : first_network + len(kinds)] = c
        first, first_network = first + len(members), first_network + len(kinds)
    return table


def adoption_records(governments: np.recarray) -> np.recarray:
    """What every government may adopt by itself: a row per government and instrument."""
    columns = POLICY_DTYPE.names or ()
    table = empty("adoption", len(governments) * len(ADOPTABLE))
    for row, (g, k) in enumerate(np.ndindex(len(governments), len(ADOPTABLE))):
        instrument = ADOPTABLE[k]
        table[row].column, table[row].typical = columns.index(instrument.name), instrument.typical
        table[row].duty = DUTIES.index(instrument.adopted_by)
        table[row].may_adopt = governments[g][instrument.adopted_by]
    return table


def peer_tie_records(teams: tuple[Team, ...], governments: list[str]) -> np.recarray:
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


def link_records(links: tuple[HeatLink, ...], rows: dict[str, int]) -> np.recarray:
    table = empty("link", len(links))
    for e, row in enumerate(links):
        table[e].source, table[e].sink = rows[row.source_firm], rows[row.sink_firm]
        table[e].heat_gwh, table[e].capex_meur = row.heat_gwh_per_year, row.capex_meur
    return table
