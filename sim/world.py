"""Puts a world together: scenario + policy package + horizon -> the records that the drivers start from."""

from dataclasses import dataclass

import numpy as np

from agents.chance import agent_number
from agents.parameters import default_parameters
from agents.records import (
    BIOMASS,
    CARRIERS,
    COKING_COAL,
    ELECTRICITY,
    HEAT,
    HYDROGEN,
    NATURAL_GAS,
    NET_OPERATING,
    NETWORK_KINDS,
    OIL,
    STEAM_COAL,
    WASTE_FUEL,
    empty,
)
from policies.instruments import GOVERNANCE_MODES
from policies.package import Package
from sim.accounts import ORC_EFFICIENCY
from sim.markets import LEVELISING_RATE, LEVELISING_YEARS
from sim.measures import ACCOUNT_DTYPE
from sim.scenario import Network, Plant, Scenario, Tables, Technology
from sim.state import State

COLD_SHARE = 0.5  #: share of the year in which waste heat is sold as heat; the rest of it makes power
COKING_SECTORS = ("primary_steel", "ferro_alloys")
WASTE_FUEL_SECTORS = ("cement",)
HEAT_IMPORT_PER_UNIT = 1.0  #: network heat taken by a `waste_heat_network` importer, MWh per MWh of heat


@dataclass(frozen=True)
class World:
    """What all runs of a policy share: the template state, and names for its rows."""

    template: State
    first_year: int
    last_year: int
    firm_ids: tuple[str, ...]
    firm_names: tuple[str, ...]
    network_ids: tuple[str, ...]
    network_names: tuple[str, ...]
    option_names: tuple[tuple[str, ...], ...]
    financier_names: tuple[str, ...]
    government_names: tuple[str, ...]
    cluster_name: str

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
                check_books: bool = False) -> World:  # fmt: skip
    """Records of a cluster under a policy, at the start of the horizon."""
    file, tables = scenario.file, scenario.tables
    years = last_year - first_year + 1
    networks = _networks(file.network, first_year)
    row_of_kind = [next((n for n, net in enumerate(file.network) if net.kind == k), -1) for k in NETWORK_KINDS]
    sectors = {plant.sector for plant in scenario.plants}
    technologies = [row for row in tables.technologies if row.sector in sectors]
    technology_rows = {(row.sector, row.technology): k for k, row in enumerate(technologies)}
    firms = empty("firm", len(scenario.plants))
    options, names = _options(scenario.plants, tables, technology_rows, firms)
    for i, plant in enumerate(scenario.plants):
        _fill_firm(firms[i], plant, tables, row_of_kind)
    world = empty("world", 1)
    world.seed, world.start_year, world.check_books = seed, first_year, int(check_books)
    template = State(
        parameters=default_parameters(),
        prices=_price_table(tables, first_year, years),
        volatility=_volatility(tables),
        policy=package.by_year(first_year, last_year),
        options=options,
        assessments=empty("assessment", len(options)),
        market=_milestones(file.milestones, file.base_year, first_year, years),
        world=world,
        account=np.zeros(2, ACCOUNT_DTYPE).view(np.recarray),
        firms=firms,
        technologies=_technologies(technologies, first_year),
        networks=networks,
        financiers=_financiers(file.financier),
        governments=_governments(file.government, first_year),
        pacts=_pact(file, firms),
        links=_links(file.link, [plant.id for plant in scenario.plants]),
        peer_ties=empty("peer_tie", 0),
        queue=np.zeros(max(1, len(firms)), np.int64),
        credibility=np.zeros(max(1, len(file.financier))),
    )
    return World(template, first_year, last_year, tuple(p.id for p in scenario.plants),
                 tuple(p.name for p in scenario.plants), tuple(n.id for n in file.network),
                 tuple(n.name for n in file.network), tuple(names), tuple(f.name for f in file.financier),
                 tuple(g.name for g in file.government), file.title)  # fmt: skip


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


def _technologies(rows: list[Technology], first_year: int) -> np.recarray:
    table = empty("technology", len(rows))
    for k, row in enumerate(rows):
        table[k].first_year = row.first_year
        table[k].first_quarter = max(0, 4 * (row.first_year - first_year))
        table[k].novelty = novelty(row)
        table[k].learning_exponent = np.log2(1 - row.learning_rate)
        table[k].experience = 1.0
    return table


def novelty(row: Technology) -> float:
    """Share of the first-of-a-kind premium: capture 1, hydrogen 0.55, other unproven 0.36, proven 0.

    Ratios of the premia in TEMOA and estimates: 5.5 points for capture, 3 for hydrogen steel, 2 for electrification.
    """
    if row.trl >= 9 and "co2_ts" not in row.networks:
        return 0.0
    if "co2_ts" in row.networks:
        return 1.0
    return 3.0 / 5.5 if "h2_pipeline" in row.networks else 2.0 / 5.5


def plant_options(plant: Plant, tables: Tables) -> list[tuple[str, Technology | None]]:
    """What a plant may run, first what it runs at the start (None: nothing yet); renewals are not options of their own.

    A contract row changes no scope-1 emissions and is left out; so are rows for a plant without capacity.
    """
    rows = tables.of_sector(plant.sector)
    now = next(row for row in rows if row.technology == plant.technology)
    if plant.status == "planned":
        return [("not built", None), (now.technology, now)]
    options: list[tuple[str, Technology | None]] = [(now.technology, now)]
    if plant.capacity > 0:
        options += [(row.technology, row) for row in rows
                    if row.role == "alternative" and row.capex_kind != "contract" and row is not now]  # fmt: skip
    return options


def _options(plants, tables, technology_rows, firms):  # type: ignore[no-untyped-def]
    """Option records of all firms, and their names; sets each firm's first option and their number."""
    lists = [plant_options(plant, tables) for plant in plants]
    table = empty("option", sum(len(options) for options in lists))
    row = 0
    for i, (plant, options) in enumerate(zip(plants, lists, strict=True)):
        firms[i].first_option, firms[i].n_options = row, len(options)
        incumbent = next(r for r in tables.of_sector(plant.sector) if r.technology == plant.technology)
        emitted = plant.capacity * incumbent.co2_direct_t_per_unit
        scale = plant.scope1_kt_per_year / emitted if emitted > 0 else 1.0
        for name, technology in options:
            if technology is not None:
                base = incumbent if plant.status == "operating" else None
                _fill_option(table[row], plant, technology, base, scale, tables)
                table[row].technology = technology_rows[plant.sector, name]
            row += 1
    return table, [tuple(name for name, _ in options) for options in lists]


def _fill_option(option, plant: Plant, row: Technology, base: Technology | None, scale: float, tables: Tables) -> None:
    """One option of a plant. `scale` fits the table's CO2 per unit to the plant's register emissions.

    Capture equipment grows with the CO2 it treats, so the capital cost of a capture row is scaled too.
    """
    capacity = plant.capacity
    option.is_increment = int(row.capex_kind == "increment")
    captures = row.co2_captured_t_per_unit > 0
    option.capex_meur = capacity * row.capex_eur_per_unit / 1000 * (scale if captures else 1.0)
    listed, greenfield = _renewal_eur_per_unit(row, base, tables)
    option.renewal_meur, option.greenfield_meur = capacity * listed / 1000, capacity * greenfield / 1000
    opex = row.fixed_opex_eur_per_unit + row.other_opex_eur_per_unit - row.revenue_eur_per_unit
    option.opex_meur = capacity * opex / 1000
    energy = option.energy_gwh
    energy[ELECTRICITY] = capacity * row.electricity_mwh_per_unit
    energy[NATURAL_GAS] = capacity * row.gas_mwh_per_unit
    energy[COKING_COAL if plant.sector in COKING_SECTORS else STEAM_COAL] = capacity * row.coal_mwh_per_unit
    energy[HYDROGEN] = capacity * row.hydrogen_mwh_per_unit
    energy[BIOMASS] = capacity * row.biomass_mwh_per_unit
    energy[WASTE_FUEL if plant.sector in WASTE_FUEL_SECTORS else OIL] = capacity * row.oil_mwh_per_unit
    option.heat_gwh = capacity * row.heat_export_mwh_per_unit
    energy[HEAT] -= COLD_SHARE * option.heat_gwh
    energy[ELECTRICITY] -= (1 - COLD_SHARE) * option.heat_gwh * ORC_EFFICIENCY
    option.emission_kt = capacity * row.co2_direct_t_per_unit * scale
    option.captured_kt = capacity * row.co2_captured_t_per_unit * scale
    option.generated_kt = option.emission_kt + option.captured_kt
    option.build_quarters = 4 * row.build_years
    option.life_years = row.lifetime_years
    option.campaign_years = row.campaign_years
    _fill_volume(option.volume, plant, row, base, option.captured_kt)


def _fill_volume(volume, plant: Plant, row: Technology, base: Technology | None, captured_kt: float) -> None:
    """Capacity that an option needs on each network, beyond what the plant uses today."""
    if row is base:
        return
    before = base.electricity_mwh_per_unit if base else 0.0
    hydrogen_before = base.hydrogen_mwh_per_unit if base else 0.0
    needed = {
        "co2_ts": captured_kt,
        "h2_pipeline": plant.capacity * abs(row.hydrogen_mwh_per_unit - hydrogen_before),
        "grid": plant.capacity * max(0.0, row.electricity_mwh_per_unit - before),
        "waste_heat_network": plant.capacity * (row.heat_export_mwh_per_unit or HEAT_IMPORT_PER_UNIT),
    }
    for kind, name in enumerate(NETWORK_KINDS):
        if name in row.networks:
            volume[kind] = needed[name]


def _renewal_eur_per_unit(row: Technology, base: Technology | None, tables: Tables) -> tuple[float, float]:
    """(listed cost of one more campaign, 0), or (0, cost of the plant that a share of is renewed)."""
    if row.capex_kind == "increment" and base is not None:
        row = base
    if row.capex_kind == "renewal":
        return row.capex_eur_per_unit, 0.0
    if row.role == "incumbent":
        for other in tables.of_sector(row.sector):
            if other.role == "incumbent_renewal":
                return other.capex_eur_per_unit, 0.0
    return 0.0, row.capex_eur_per_unit


def _fill_firm(firm, plant: Plant, tables: Tables, row_of_kind: list[int]) -> None:
    economy = tables.economy[plant.sector]
    firm.id = agent_number(plant.id)
    firm.baseline_kt = plant.scope1_kt_per_year
    firm.jobs = plant.jobs if plant.jobs is not None else economy.jobs_per_kunit * plant.capacity
    firm.jobs_multiplier, firm.gva_multiplier = economy.jobs_multiplier, economy.gva_multiplier
    firm.gva_meur = economy.gva_eur_per_unit * plant.capacity / 1000
    firm.visibility = 1.0 if plant.capacity > 0 else 0.0
    firm.planned = int(plant.status == "planned")
    firm.network = row_of_kind
    firm.start_age = -1.0 if plant.campaign_age_years is None else plant.campaign_age_years
    firm.option = firm.first_option
    firm.base_intact = int(plant.status == "operating")
    firm.emission_kt = plant.scope1_kt_per_year
    for field in ("candidate", "c1_due", "c2_lapse", "c2_due", "c3_due", "lender", "creditor", "fid_quarter",
                  "start_quarter"):  # fmt: skip
        setattr(firm, field, -1)


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
        net.fid_quarter = net.ready_quarter = net.extension_ready = net.lender = -1
        net.limit = np.inf if row.limit_per_year is None else row.limit_per_year
        if row.spare_per_year > 0:
            net.stage, net.capacity = NET_OPERATING, row.spare_per_year
    return table


def _financiers(financiers) -> np.recarray:  # type: ignore[no-untyped-def]
    kinds = ("commercial", "development_bank", "infrastructure_fund")
    table = empty("financier", len(financiers))
    for f, row in enumerate(financiers):
        table[f].id, table[f].kind = agent_number(row.id), kinds.index(row.kind)
        table[f].capital_meur, table[f].base_rate = row.capital_meur, row.base_rate_pct / 100
        table[f].novelty_appetite = row.novelty_appetite
        table[f].ticket_min_meur, table[f].ticket_max_meur = row.ticket_min_meur, row.ticket_max_meur
    return table


def _governments(governments, first_year: int) -> np.recarray:  # type: ignore[no-untyped-def]
    table = empty("government", len(governments))
    for g, row in enumerate(governments):
        table[g].id = agent_number(row.id)
        for flag in ("sets_carbon_price", "awards_support", "governs_pact", "reversal_exposed"):
            setattr(table[g], flag, int(getattr(row, flag)))
        table[g].first_election = 4 * (row.first_election_year - first_year) + 1
        while table[g].first_election < 0:
            table[g].first_election += 16
    return table


def _pact(file, firms: np.recarray) -> np.recarray:  # type: ignore[no-untyped-def]
    table = empty("pact", 1)
    pact = table[0]
    pact.id = agent_number(file.name)
    pact.own_mode = GOVERNANCE_MODES.index(file.governance)
    pact.anchor = int(np.argmax(firms.baseline_kt))
    pact.baseline_kt = sum(float(kt) for kt in firms.baseline_kt)
    for field, duty in (("carbon_government", "sets_carbon_price"), ("support_government", "awards_support"),
                        ("pact_government", "governs_pact")):  # fmt: skip
        setattr(pact, field, next(g for g, row in enumerate(file.government) if getattr(row, duty)))
    return table


def _links(links, firm_ids: list[str]) -> np.recarray:  # type: ignore[no-untyped-def]
    table = empty("link", len(links))
    for e, row in enumerate(links):
        table[e].source, table[e].sink = firm_ids.index(row.source_firm), firm_ids.index(row.sink_firm)
        table[e].heat_gwh, table[e].capex_meur, table[e].formed_quarter = row.heat_gwh_per_year, row.capex_meur, -1
    return table
