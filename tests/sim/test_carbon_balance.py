"""What a technology row means for a plant: the carbon that it burns and makes is what it emits, captures and hands on."""

import pytest

from clusterpact.agents.vocabulary import CARRIER_TABLE
from clusterpact.policies.package import library_package
from clusterpact.sim.options import bought_per_unit, fit_plants
from clusterpact.sim.scenario import CLUSTERS, cluster_names, read_scenario
from clusterpact.sim.tables import Technology, read_tables
from clusterpact.sim.world import build_world

TOLERANCE = 0.02
ROWS = read_tables().technologies


def factor(row: Technology, carrier) -> float:
    """Fossil CO2 of a carrier that a technology burns, t/MWh."""
    if row.coal_co2_t_per_mwh is not None and carrier.column == "coal_mwh_per_unit":
        return row.coal_co2_t_per_mwh
    return carrier.co2_t_per_mwh


def with_biogenic(made: float, biogenic: float, captured: float) -> float:
    """CO2 to account for: fossil and process, and the biogenic share of what is captured."""
    return made + captured * biogenic / (made + biogenic) if captured else made


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.sector}: {row.technology}" for row in ROWS])
def test_carbon_of_a_row_is_emitted_or_captured(row):
    bought = {carrier: bought_per_unit(row, row.sector, carrier.name) for carrier in CARRIER_TABLE}
    made = row.co2_process_t_per_unit + sum(mwh * factor(row, carrier) for carrier, mwh in bought.items())
    biogenic = sum(mwh * carrier.biogenic_co2_t_per_mwh for carrier, mwh in bought.items())
    found = row.co2_direct_t_per_unit + row.co2_captured_t_per_unit
    assert with_biogenic(made, biogenic, row.co2_captured_t_per_unit) == pytest.approx(found, rel=TOLERANCE, abs=1e-9)


def test_every_fuel_has_its_carbon_and_its_source():
    fuels = {carrier.name for carrier in CARRIER_TABLE if carrier.co2_t_per_mwh or carrier.biogenic_co2_t_per_mwh}
    assert fuels == {"natural_gas", "coking_coal", "steam_coal", "biomass", "oil", "waste_fuel"}
    assert all(carrier.source for carrier in CARRIER_TABLE if carrier.name in fuels)


class Cluster:
    """The options of a library cluster beside the rows and the fit that they come from."""

    def __init__(self, name: str):
        scenario = read_scenario(CLUSTERS / name)
        self.world = build_world(scenario, library_package("current-policies"), 2025, 2026, 1)
        self.fits = fit_plants(scenario.plants, scenario.tables)
        self.plants = {plant.id: plant for plant in scenario.plants}
        self.handed = dict.fromkeys(self.plants, 0.0)
        for plant in scenario.plants:
            for unit in scenario.sites.get(plant.gas_from, ()):
                self.handed[unit.id] += self.fits[plant.id].gas_kt * self.fits[unit.id].gas_share
        self.rows = {(row.sector, row.technology): row for row in scenario.tables.technologies}

    def options(self):
        """Every option of every plant: plant, its row, the row that the plant runs, option record, record of what runs."""
        table, firms = self.world.template.options, self.world.template.firms
        for i, (firm, names) in enumerate(zip(self.world.firm_ids, self.world.option_names, strict=True)):
            plant, first = self.plants[firm], int(firms[i].first_option)
            base = self.rows[plant.sector, plant.technology]
            for k, name in enumerate(names):
                if name != "not built":
                    yield plant, self.rows[plant.sector, name], base, table[first + k], table[first]


@pytest.fixture(scope="module", params=cluster_names())
def cluster(request) -> Cluster:
    return Cluster(request.param)


@pytest.mark.horizon
def test_carbon_of_every_option_is_emitted_captured_or_handed_on(cluster):
    looked_at = 0
    for plant, row, base, option, _ in cluster.options():
        fit = cluster.fits[plant.id]
        keeps = row is base or (row.capex_kind == "increment" and plant.status == "operating")
        process = row.co2_process_t_per_unit
        if keeps:
            process = base.co2_process_t_per_unit + fit.kept * (process - base.co2_process_t_per_unit)
        made = plant.capacity * fit.activity * process
        made += sum(gwh * factor(row, carrier) for carrier, gwh in zip(CARRIER_TABLE, option.energy_gwh, strict=True))
        biogenic = sum(
            gwh * carrier.biogenic_co2_t_per_mwh for carrier, gwh in zip(CARRIER_TABLE, option.energy_gwh, strict=True)
        )
        found = option.emission_kt + option.captured_kt + (cluster.handed[plant.id] if keeps else 0.0)
        expected = with_biogenic(made, biogenic, option.captured_kt)
        assert expected == pytest.approx(found, rel=TOLERANCE, abs=1e-6), (plant.id, row.technology)
        assert option.generated_kt == pytest.approx(expected, rel=1e-6, abs=1e-6), (plant.id, row.technology)
        looked_at += 1
    assert looked_at >= len(cluster.plants)


@pytest.mark.horizon
def test_a_captured_tonne_takes_the_energy_of_its_row(cluster):
    captures = 0
    for plant, row, base, option, before in cluster.options():
        captured = row.co2_captured_t_per_unit - base.co2_captured_t_per_unit
        if row is base or captured <= 0 or plant.status == "planned" or option.captured_kt == 0:
            continue
        for place, carrier in enumerate(CARRIER_TABLE):
            if carrier.name == "heat":
                continue
            more = bought_per_unit(row, plant.sector, carrier.name) - bought_per_unit(base, plant.sector, carrier.name)
            found = (option.energy_gwh[place] - before.energy_gwh[place]) / (option.captured_kt - before.captured_kt)
            assert found == pytest.approx(more / captured, rel=TOLERANCE, abs=1e-9), (plant.id, row.technology, carrier.name)
        captures += 1
    assert captures > 0


@pytest.mark.horizon
def test_every_plant_starts_at_its_register_entry(cluster):
    for plant, row, base, option, _ in cluster.options():
        if row is base and plant.status == "operating":
            expected = plant.scope1_kt_per_year - cluster.fits[plant.id].gas_kt
            assert option.emission_kt == pytest.approx(expected, rel=1e-9, abs=1e-9), plant.id


def both(one, other):
    """The option of two units together."""
    total = one.copy()
    for name in ("energy_gwh", "emission_kt", "captured_kt", "opex_meur"):
        total[name] = one[name] + other[name]
    return total


@pytest.mark.horizon
def test_dunkirks_steelworks_gives_up_the_coal_that_it_burns():
    """Works and gases emit 8,978 kt; the coal that the arc furnace gives up holds about as much, and not 12,100 kt."""
    dunkirk = Cluster("dunkirk")
    found = {}
    for plant, row, _, option, _ in dunkirk.options():
        if plant.site == "arcelormittal-dunkirk":
            found[row.technology] = option if row.technology not in found else both(found[row.technology], option)
    coal = [carrier.name for carrier in CARRIER_TABLE].index("coking_coal")
    arc = next(option for name, option in found.items() if name.startswith("scrap-EAF"))
    given_up_kt = (found["BF-BOF"].energy_gwh[coal] - arc.energy_gwh[coal]) * CARRIER_TABLE[coal].co2_t_per_mwh
    assert found["BF-BOF"].emission_kt == pytest.approx(6410.3)
    handed = sum(kt for plant, kt in dunkirk.handed.items() if plant.startswith("arcelormittal-dunkirk:"))
    assert found["BF-BOF"].emission_kt + handed == pytest.approx(8978, abs=1)
    # 6,800 kt x 0.683 = 4,647 kt of steel, 5.24 MWh of coal less for each: 24,351 GWh.
    assert given_up_kt == pytest.approx(24351 * 0.34, rel=0.001)
    capture = found["BF-BOF+CCS (end-of-pipe)"]
    assert capture.opex_meur - found["BF-BOF"].opex_meur == pytest.approx(20 / 1.45 / 1000 * capture.captured_kt)
