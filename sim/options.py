"""What plants can run: technology rows of the tables become option records, fitted to each plant's register entry."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from clusterpact.agents.records import empty
from clusterpact.agents.vocabulary import (
    CARRIER_TABLE,
    CARRIERS,
    ELECTRICITY,
    HEAT,
    NETWORK_KIND_TABLE,
    NETWORK_KINDS,
)
from clusterpact.sim.cluster import Plant
from clusterpact.sim.tables import Tables, Technology

ORC_EFFICIENCY = 0.18  #: electricity per waste heat in an organic Rankine cycle (iRecovery: 1.8 of 10 MW)
HEAT_LOSS = 0.08  #: lost between a plant and the users of its heat (DEA 113_11: station 5 %, line 1-3 %)
COLD_SHARE = 0.5  #: share of the year in which waste heat is sold as heat; the rest of it makes power
RECOVERY_HOURS = 5000.0  #: full-load hours a year of a heat recovery of a stated size (estimate: an arc furnace under power)
PROVEN_TRL = 9
LEAST_ROOM = 2.0  #: a plant can make this much of what it made, whatever its capacity: registers and capacities are rough
LOW_CARBON_SHARE = 0.5  #: of today's CO2 per unit: a product with no more sells as low-carbon (assumed)
LARGEST_PREMIUM_POINTS = 5.5  #: what the technology premium of the parameters stands for: capture
OTHER_PREMIUM_POINTS = 2.0
HEAT_IMPORT_PER_UNIT = 1.0  #: network heat taken by a `waste_heat_network` importer, MWh per MWh of heat


def family(row: Technology) -> str:
    """The family of a technology: what it needs most that barriers other than money stand before (`FAMILIES`)."""
    if row.co2_captured_t_per_unit > 0:
        return "capture"
    if row.hydrogen_mwh_per_unit > 0:
        return "hydrogen"
    return "electric" if any(NETWORK_KIND_TABLE[kind].carries == "electricity" for kind in row.networks) else "fuel"


def novelty(row: Technology) -> float:
    """Share of the first-of-a-kind premium: capture 1, hydrogen 0.55, other unproven 0.36, proven 0.

    Ratios of the premia in TEMOA and estimates: 5.5 points for capture, 3 for hydrogen steel, 2 for electrification; of the
    networks that a technology needs, the one with the largest premium counts.
    """
    captures = any(NETWORK_KIND_TABLE[kind].carries == "captured_co2" for kind in row.networks)
    if row.trl >= PROVEN_TRL and not captures:
        return 0.0
    points = [NETWORK_KIND_TABLE[kind].premium_points or OTHER_PREMIUM_POINTS for kind in row.networks]
    return max(points, default=OTHER_PREMIUM_POINTS) / LARGEST_PREMIUM_POINTS


def bought_per_unit(row: Technology, sector: str, carrier: str) -> float:
    """What a technology of a sector buys of a carrier, MWh per product unit; sold if negative.

    Of carriers that share a column of the technology table, a plant buys the one that names its sector, else the one that
    names none, if there is one.
    """
    entry = next(entry for entry in CARRIER_TABLE if entry.name == carrier)
    if not entry.column:
        return 0.0
    sharing = [other for other in CARRIER_TABLE if other.column == entry.column]
    own = [other for other in sharing if sector in other.sectors.split(";")]
    buys = own[0] if own else next((other for other in sharing if not other.sectors), None)
    return float(getattr(row, entry.column)) if buys is entry else 0.0


def plant_options(plant: Plant, tables: Tables) -> list[tuple[str, Technology | None]]:
    """What a plant may run, first what it runs at the start (None: nothing yet); renewals are not options of their own.

    A contract row changes no scope-1 emissions and is left out; so are rows for a plant without capacity, and for one whose
    technology emits but whose register entry is zero: it stands idle.
    """
    rows = tables.of_sector(plant.sector)
    now = next(row for row in rows if row.technology == plant.technology)
    if plant.status == "planned":
        return [("not built", None), (now.technology, now)]
    options: list[tuple[str, Technology | None]] = [(now.technology, now)]
    idle = plant.scope1_kt_per_year == 0 and now.co2_direct_t_per_unit > 0
    if plant.capacity > 0 and not idle:
        options += [(row.technology, row) for row in rows
                    if row.role == "alternative" and row.capex_kind != "contract" and row is not now]  # fmt: skip
    return options


@dataclass(frozen=True)
class Fit:
    """How much of a plant the technology table stands for, so that it starts at its register entry.

    activity: output as a share of capacity; every flow and cost of every option is that of the table, times it. kept: share
    of the process's CO2 that leaves the plant's own stacks; the rest is in gases that a neighbour burns. gas_kt: CO2 of
    another works' gases burnt here, kt/year. gas_share: of its plant's own gases that the unit makes.
    """

    activity: float = 1.0
    kept: float = 1.0
    gas_kt: float = 0.0
    gas_share: float = 1.0


def fit_plants(plants: tuple[Plant, ...], tables: Tables) -> dict[str, Fit]:
    """The fit of every plant to its register entry, by id; a planned plant and one that emits nothing run at capacity.

    The register gives the emissions of a stack, the table those of a process: a works that hands its furnace gases to a
    power station emits less than its process, and the station more than on natural gas alone. What it emits beyond that is
    CO2 of the gases (DK6 in Dunkirk: 3,955 kt, of which 1,387 kt on natural gas).
    """
    process, gases = {}, {}
    of_site: dict[str, float] = {}
    for plant in plants:
        row = next(row for row in tables.of_sector(plant.sector) if row.technology == plant.technology)
        process[plant.id] = plant.capacity * row.co2_direct_t_per_unit
        of_site[plant.site] = of_site.get(plant.site, 0.0) + process[plant.id]
    given = dict.fromkeys(of_site, 0.0)
    for plant in plants:
        takes = of_site.get(plant.gas_from, 0.0) > 0  # what emits nothing has no gases to hand on
        gases[plant.id] = max(0.0, plant.scope1_kt_per_year - process[plant.id]) if takes else 0.0
        if takes:
            given[plant.gas_from] += gases[plant.id]
    fits = {}
    for plant in plants:
        own = plant.scope1_kt_per_year - gases[plant.id]
        share = process[plant.id] / of_site[plant.site] if of_site[plant.site] > 0 else 0.0
        made = own + share * given[plant.site]
        if process[plant.id] <= 0 or plant.status == "planned":
            fits[plant.id] = Fit()
        else:
            fits[plant.id] = Fit(made / process[plant.id], own / made if made > 0 else 1.0, gases[plant.id], share)
    return fits


def option_records(plants: tuple[Plant, ...], tables: Tables, technology_rows: dict[tuple[str, str], int],
                   firms: np.recarray) -> tuple[np.recarray, list[tuple[str, ...]]]:  # fmt: skip
    """Option records of all firms, and their names; sets each firm's first option, their number, and its gases."""
    lists = [plant_options(plant, tables) for plant in plants]
    table = empty("option", sum(len(options) for options in lists))
    fits = fit_plants(plants, tables)
    row = 0
    for i, (plant, options) in enumerate(zip(plants, lists, strict=True)):
        firms[i].first_option, firms[i].n_options = row, len(options)
        fit = fits[plant.id]
        firms[i].gas_kt, firms[i].gas_share = fit.gas_kt, fit.gas_share
        firms[i].output_kt = plant.capacity * fit.activity
        firms[i].output_limit = max(LEAST_ROOM, 1.0 / fit.activity if fit.activity > 0 else 1.0)
        incumbent = next(r for r in tables.of_sector(plant.sector) if r.technology == plant.technology)
        for name, technology in options:
            if technology is not None:
                base = incumbent if plant.status == "operating" else None
                _fill_option(table[row], plant, technology, base, fit, tables)
                table[row].technology = technology_rows[plant.sector, name]
                table[row].is_low_carbon = int(is_low_carbon(technology, incumbent, plant, tables))
            table[row].row = row
            row += 1
        firms[i].campaign_meur = campaign_cost(table[firms[i].first_option : row])
    return table, [tuple(name for name, _ in options) for options in lists]


def campaign_cost(options: np.ndarray) -> float:
    """K, the one scale of a plant's options, MEUR: a campaign as listed, else the median capital cost of its options."""
    if options["renewal_meur"][0] > 0:
        return float(options["renewal_meur"][0])
    costs = options["capex_meur"][1:]
    return float(np.median(costs[costs > 0])) if (costs > 0).any() else 1.0


def is_low_carbon(row: Technology, incumbent: Technology, plant: Plant, tables: Tables) -> bool:
    """Whether a technology makes what buyers take for low-carbon: at most half the CO2 per unit of the plant's own today.

    A newcomer's product is set against what its sector usually runs.
    """
    usual = incumbent
    if plant.status == "planned":
        usual = next((other for other in tables.of_sector(plant.sector) if other.role == "incumbent"), incumbent)
    return row.co2_direct_t_per_unit <= LOW_CARBON_SHARE * usual.co2_direct_t_per_unit and row is not incumbent


def power_sectors(tables: Tables) -> set[str]:
    """Sectors whose product is power."""
    return {row.sector for row in tables.technologies if row.unit == "MWh_e"}


@dataclass(frozen=True)
class Flows:
    """What a plant takes and gives a year with a technology: the table's figures per unit, times what the plant puts out.

    An increment keeps the base that it is added to, and changes it only as far as the base's own stacks go: where a share of
    the process's CO2 is handed on as gas, that share of what the increment costs, takes and captures is not needed.
    """

    output: float  #: thousand units a year
    row: Technology
    base: Technology | None  #: what an increment is added to; None: it stands alone
    share: float  #: of the increment

    def of(self, per_unit: Callable[[Technology], float]) -> float:
        """A flow or cost a year, in thousands of the table's unit."""
        if self.base is None:
            return self.output * per_unit(self.row)
        kept = per_unit(self.base)
        return self.output * (kept + self.share * (per_unit(self.row) - kept))


def _flows(plant: Plant, row: Technology, base: Technology | None, fit: Fit) -> Flows:
    adds = base is not None and row is not base and row.capex_kind == "increment"
    return Flows(plant.capacity * fit.activity, row, base if adds else None, fit.kept if adds else 1.0)


def _fill_option(option, plant: Plant, row: Technology, base: Technology | None, fit: Fit, tables: Tables) -> None:
    """One option of a plant, all of it at the one scale of its fit (`Fit`, `Flows`).

    The works that keeps its furnaces hands on as much gas as before, so that much of its process's CO2 is emitted elsewhere.
    """
    flows = _flows(plant, row, base, fit)
    output = flows.output
    option.is_increment = int(row.capex_kind == "increment")
    option.capex_meur = output * flows.share * row.capex_eur_per_unit / 1000
    listed, greenfield = _renewal_eur_per_unit(row, base, tables)
    option.renewal_meur, option.greenfield_meur = output * listed / 1000, output * greenfield / 1000
    option.opex_meur = flows.of(_opex_eur_per_unit) / 1000
    energy = option.energy_gwh
    for carrier, name in enumerate(CARRIERS):
        energy[carrier] = flows.of(partial(bought_per_unit, sector=plant.sector, carrier=name))
    option.heat_gwh = recovered_heat(plant, row, output)
    if option.is_increment and base is not None:  # what recovers heat already stays when something is added
        option.heat_gwh = max(option.heat_gwh, recovered_heat(plant, base, output))
    energy[HEAT] -= COLD_SHARE * option.heat_gwh * (1 - HEAT_LOSS)
    if imports_heat(row, option.heat_gwh):
        energy[HEAT] += output * HEAT_IMPORT_PER_UNIT
    energy[ELECTRICITY] -= (1 - COLD_SHARE) * option.heat_gwh * ORC_EFFICIENCY
    handed_on_kt = 0.0
    if base is not None and (row is base or row.capex_kind == "increment"):
        handed_on_kt = output * base.co2_direct_t_per_unit * (1 - fit.kept)
    option.emission_kt = flows.of(lambda r: r.co2_direct_t_per_unit) - handed_on_kt
    option.captured_kt = flows.of(lambda r: r.co2_captured_t_per_unit)
    option.generated_kt = flows.of(generated_t_per_unit)
    option.allocation_kt = (plant.free_allocation_kt_per_year or 0.0) * kept_allocation(row, base, tables)
    option.build_quarters = 4 * row.build_years
    option.life_years = row.lifetime_years
    option.campaign_years = row.campaign_years
    _fill_volume(option.volume, plant, row, base, flows)


def _opex_eur_per_unit(row: Technology) -> float:
    return row.fixed_opex_eur_per_unit + row.other_opex_eur_per_unit - row.revenue_eur_per_unit


def fuel_co2_t_per_unit(row: Technology) -> tuple[float, float]:
    """Fossil and biogenic CO2 of what a technology burns, t per product unit; a row may have a factor for its coal."""
    fossil = biogenic = 0.0
    for entry in CARRIER_TABLE:
        bought = bought_per_unit(row, row.sector, entry.name)
        own = row.coal_co2_t_per_mwh if entry.column == "coal_mwh_per_unit" else None
        fossil += bought * (entry.co2_t_per_mwh if own is None else own)
        biogenic += bought * entry.biogenic_co2_t_per_mwh
    return fossil, biogenic


def generated_t_per_unit(row: Technology) -> float:
    """CO2 of a technology before capture, t per product unit: of fuel and process, and the biogenic CO2 that it captures.

    What captures takes biogenic CO2 as it comes: in the share that it has in all CO2. The rest of it counts nowhere.
    """
    fossil, biogenic = fuel_co2_t_per_unit(row)
    made = fossil + row.co2_process_t_per_unit
    if biogenic > 0 and row.co2_captured_t_per_unit > 0:
        return made + row.co2_captured_t_per_unit * biogenic / (made + biogenic)
    return made


def recovered_heat(plant: Plant, row: Technology, output: float) -> float:
    """Waste heat that a technology recovers, GWh/year: what the process gives, at most what a stated size can take."""
    heat = output * row.heat_export_mwh_per_unit
    if plant.heat_recovery_mw is None:
        return heat
    return min(heat, plant.heat_recovery_mw * RECOVERY_HOURS / 1000)


def imports_heat(row: Technology, recovered_gwh: float) -> bool:
    """Whether a technology takes heat from a network that carries waste heat, instead of giving any."""
    return recovered_gwh == 0 and any(NETWORK_KIND_TABLE[kind].carries == "waste_heat" for kind in row.networks)


def kept_allocation(row: Technology, base: Technology | None, tables: Tables) -> float:
    """Share of its free allowances that a plant keeps with a technology: all, unless `allocation.csv` says otherwise."""
    exception = tables.allocation.get((row.sector, row.technology))
    return 1.0 if row is base or exception is None else exception.kept_share


def _fill_volume(volume, plant: Plant, row: Technology, base: Technology | None, flows: Flows) -> None:
    """Capacity that an option needs on each network, beyond what the plant uses today."""
    if row is base:
        return
    for kind, name in enumerate(NETWORK_KINDS):
        if name in row.networks:
            volume[kind] = _needed(name, plant, row, base, flows)


def _needed(kind: str, plant: Plant, row: Technology, base: Technology | None, flows: Flows) -> float:
    """Capacity on a kind of network, kt or GWh a year: what it carries, beyond what the plant used of it before."""
    entry = NETWORK_KIND_TABLE[kind]
    if entry.carries == "captured_co2":
        return flows.of(lambda r: r.co2_captured_t_per_unit)
    if entry.carries == "waste_heat":
        return recovered_heat(plant, row, flows.output) or flows.output * HEAT_IMPORT_PER_UNIT
    before = bought_per_unit(base, plant.sector, entry.carries) if base else 0.0
    more = flows.share * (bought_per_unit(row, plant.sector, entry.carries) - before)
    return flows.output * (abs(more) if entry.both_ways else max(0.0, more))


def _renewal_eur_per_unit(row: Technology, base: Technology | None, tables: Tables) -> tuple[float, float]:
    """(listed cost of one more campaign, 0), or (0, cost of the plant that a share of is renewed)."""
    if row.capex_kind == "increment" and base is not None:
        row = base
    if row.capex_kind == "increment":  # it runs since before the start: what wears is the plant that it was added to
        row = next(other for other in tables.of_sector(row.sector) if other.role == "incumbent")
    if row.capex_kind == "renewal":
        return row.capex_eur_per_unit, 0.0
    if row.role == "incumbent":
        for other in tables.of_sector(row.sector):
            if other.role == "incumbent_renewal":
                return other.capex_eur_per_unit, 0.0
    return 0.0, row.capex_eur_per_unit
