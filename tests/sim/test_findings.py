"""What a review of the first release (0.1.0, commit 25c248c) found wrong in whole worlds: B1, B5 and B11."""

import numpy as np
import pytest

from clusterpact.agents.vocabulary import CARRIER_TABLE, CARRIERS, HEAT, NATURAL_GAS, NETWORK_KINDS
from clusterpact.policies.package import library_package
from clusterpact.sim.world import build_world, parameter_records
from tests.worlds.random import simulate

WORKS, STATION = "arcelormittal-dunkirk", "dk6"
BLAST, CAPTURE, ARC = "BF-BOF", "BF-BOF+CCS (end-of-pipe)", "scrap-EAF conversion (flat grades, 30% ore-based metallics)"
COAL = CARRIERS.index("coking_coal")


@pytest.fixture(scope="module")
def world(whole_dunkirk):
    return build_world(whole_dunkirk, library_package("current-policies"), 2025, 2050, seed=3)


def option_of(world, firm, name):
    i = world.firm_ids.index(firm)
    return world.template.options[int(world.template.firms[i].first_option) + world.option_names[i].index(name)]


def test_b1_a_works_gives_up_no_more_coal_than_its_co2_comes_from(world):
    """0.1.0: the electric furnace gave up coal worth 12.1 Mt CO2, of a works that emits 8.98 with its gases."""
    blast, arc = option_of(world, WORKS, BLAST), option_of(world, WORKS, ARC)
    handed_on = sum(firm.gas_kt for firm in world.template.firms if firm.gas_supplier == world.firm_ids.index(WORKS))
    emitted = blast.emission_kt + handed_on
    assert emitted == pytest.approx(8980, rel=0.01)
    given_up = (blast.energy_gwh[COAL] - arc.energy_gwh[COAL]) * CARRIER_TABLE[COAL].co2_t_per_mwh
    assert 0.5 * emitted < given_up < emitted


def test_b1_capture_takes_the_energy_of_its_row_per_tonne(world, dunkirk):
    """0.1.0: 1.70 MWh of gas and 28.3 EUR per tonne captured, where the table says 0.83 and 13.8."""
    rows = {row.technology: row for row in dunkirk.tables.of_sector("primary_steel")}
    blast, capture = option_of(world, WORKS, BLAST), option_of(world, WORKS, CAPTURE)
    base, row = rows[BLAST], rows[CAPTURE]
    captured = capture.captured_kt - blast.captured_kt
    per_tonne = (row.gas_mwh_per_unit - base.gas_mwh_per_unit) / row.co2_captured_t_per_unit
    assert (capture.energy_gwh[NATURAL_GAS] - blast.energy_gwh[NATURAL_GAS]) / captured == pytest.approx(per_tonne)
    costs = [r.fixed_opex_eur_per_unit + r.other_opex_eur_per_unit - r.revenue_eur_per_unit for r in (base, row)]
    found = 1000 * (capture.opex_meur - blast.opex_meur) / captured
    assert found == pytest.approx((costs[1] - costs[0]) / row.co2_captured_t_per_unit)


def test_b11_who_takes_heat_from_a_network_buys_it(world):
    """0.1.0: the heat of importers was free and came from nobody."""
    kind = NETWORK_KINDS.index("waste_heat_network")
    importers = 0
    for option in world.template.options:
        if option.volume[kind] > 0 and option.heat_gwh == 0:
            assert option.energy_gwh[HEAT] == pytest.approx(option.volume[kind])
            importers += 1
        elif option.heat_gwh > 0:
            assert option.energy_gwh[HEAT] < 0  # who gives heat is paid for it
    assert importers > 0
    assert (world.template.prices.low[:, HEAT] > 0).all()


@pytest.mark.horizon
def test_b5_unsteady_policy_costs_trust(dunkirk):
    """0.1.0: stop-and-go withdrew four instruments twice, and trust was that of finance-first to three digits."""
    trust = {}
    for name in ("finance-first", "stop-and-go"):
        world = build_world(dunkirk, library_package(name), 2025, 2050, seed=3)
        series = simulate(world, parameter_records({}, 40))[0]
        trust[name] = series["trust_in_governments"][:, 5:].mean(axis=1)
    fall = trust["finance-first"] - trust["stop-and-go"]
    assert fall.mean() - 4 * fall.std() / np.sqrt(40) > 0.01
