"""What plants can run: technology rows of the tables become option records, fitted to each plant's register entry."""

from dataclasses import dataclass

import numpy as np

from clusterpact.agents.records import empty
from clusterpact.agents.vocabulary import CARRIER_TABLE, CARRIERS, ELECTRICITY, HEAT, NETWORK_KIND_TABLE, NETWORK_KINDS
from clusterpact.sim.books import HEAT_LOSS, ORC_EFFICIENCY
from clusterpact.sim.cluster import Plant
from clusterpact.sim.tables import Tables, Technology

COLD_SHARE = 0.5  #: share of the year in which waste heat is sold as heat; the rest of it makes power
RECOVERY_HOURS = 5000.0  #: full-load hours a year of a heat recovery of a stated size (estimate: an arc furnace under power)
PROVEN_TRL = 9
LARGEST_PREMIUM_POINTS = 5.5  #: what the technology premium of the parameters stands for: capture
OTHER_PREMIUM_POINTS = 2.0
HEAT_IMPORT_PER_UNIT = 1.0  #: network heat taken by a `waste_heat_network` importer, MWh per MWh of heat


def technology_records(rows: list[Technology], first_year: int) -> np.recarray:
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


@dataclass(frozen=True)
class Fit:
    """How the table's CO2 per unit fits a plant: factors on what it emits, and the gases of another works that it burns.

    The register gives the emissions of a stack, the table those of a process. A works that hands its furnace gases to a
    power station emits less than its process; a replacement ends the process, so it is measured against the sum of both.
    """

    own: float = 1.0
    replacement: float = 1.0
    gas_kt: float = 0.0

    def scale(self, row: Technology, runs_now: bool) -> float:
        """Factor on the CO2 of a technology row, which the plant runs now, adds to what it runs, or replaces it by."""
        return self.own if runs_now or row.capex_kind == "increment" else self.replacement


def fit_plants(plants: tuple[Plant, ...], tables: Tables) -> dict[str, Fit]:
    """The fit of every plant to its register entry, by id.

    A plant that burns another works' gases: its process is that of natural gas, and what the register says beyond it is
    CO2 of the gases (DK6 in Dunkirk: 3,955 kt, of which 1,387 kt on natural gas alone).
    """
    process, gases = {}, {}
    for plant in plants:
        row = next(row for row in tables.of_sector(plant.sector) if row.technology == plant.technology)
        process[plant.id] = plant.capacity * row.co2_direct_t_per_unit
        gases[plant.id] = max(0.0, plant.scope1_kt_per_year - process[plant.id]) if plant.gas_from else 0.0
    given = dict.fromkeys(process, 0.0)
    for plant in plants:
        if plant.gas_from:
            given[plant.gas_from] += gases[plant.id]
    fits = {}
    for plant in plants:
        emitted = process[plant.id]
        if emitted <= 0:
            fits[plant.id] = Fit()
            continue
        own = (plant.scope1_kt_per_year - gases[plant.id]) / emitted
        fits[plant.id] = Fit(own, own + given[plant.id] / emitted, gases[plant.id])
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
        firms[i].gas_kt = fits[plant.id].gas_kt
        incumbent = next(r for r in tables.of_sector(plant.sector) if r.technology == plant.technology)
        for name, technology in options:
            if technology is not None:
                base = incumbent if plant.status == "operating" else None
                scale = fits[plant.id].scale(technology, technology is base)
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
    for carrier, name in enumerate(CARRIERS):
        energy[carrier] = capacity * bought_per_unit(row, plant.sector, name)
    option.heat_gwh = recovered_heat(plant, row)
    if option.is_increment and base is not None:  # what recovers heat already stays when something is added
        option.heat_gwh = max(option.heat_gwh, recovered_heat(plant, base))
    energy[HEAT] -= COLD_SHARE * option.heat_gwh * (1 - HEAT_LOSS)
    energy[ELECTRICITY] -= (1 - COLD_SHARE) * option.heat_gwh * ORC_EFFICIENCY
    option.emission_kt = capacity * row.co2_direct_t_per_unit * scale
    option.captured_kt = capacity * row.co2_captured_t_per_unit * scale
    option.generated_kt = option.emission_kt + option.captured_kt
    option.allocation_kt = (plant.free_allocation_kt_per_year or 0.0) * kept_allocation(row, base, tables)
    option.build_quarters = 4 * row.build_years
    option.life_years = row.lifetime_years
    option.campaign_years = row.campaign_years
    _fill_volume(option.volume, plant, row, base, option.captured_kt)


def recovered_heat(plant: Plant, row: Technology) -> float:
    """Waste heat that a technology recovers, GWh/year: what the process gives, at most what a stated size can take."""
    heat = plant.capacity * row.heat_export_mwh_per_unit
    if plant.heat_recovery_mw is None:
        return heat
    return min(heat, plant.heat_recovery_mw * RECOVERY_HOURS / 1000)


def kept_allocation(row: Technology, base: Technology | None, tables: Tables) -> float:
    """Share of its free allowances that a plant keeps with a technology: all, unless `allocation.csv` says otherwise."""
    exception = tables.allocation.get((row.sector, row.technology))
    return 1.0 if row is base or exception is None else exception.kept_share


def _fill_volume(volume, plant: Plant, row: Technology, base: Technology | None, captured_kt: float) -> None:
    """Capacity that an option needs on each network, beyond what the plant uses today."""
    if row is base:
        return
    for kind, name in enumerate(NETWORK_KINDS):
        if name in row.networks:
            volume[kind] = _needed(name, plant, row, base, captured_kt)


def _needed(kind: str, plant: Plant, row: Technology, base: Technology | None, captured_kt: float) -> float:
    """Capacity on a kind of network, kt or GWh a year: what it carries, beyond what the plant used of it before."""
    entry = NETWORK_KIND_TABLE[kind]
    if entry.carries == "captured_co2":
        return captured_kt
    if entry.carries == "waste_heat":
        return recovered_heat(plant, row) or plant.capacity * HEAT_IMPORT_PER_UNIT
    before = bought_per_unit(base, plant.sector, entry.carries) if base else 0.0
    more = bought_per_unit(row, plant.sector, entry.carries) - before
    return plant.capacity * (abs(more) if entry.both_ways else max(0.0, more))


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
