"""Units of a plant add up to the plant that it is without its table of units; its promises are those of all its units."""

import numpy as np
import pytest

from clusterpact.agents.gates import close_gates
from clusterpact.agents.ladder import break_commitment, observe_firms
from clusterpact.agents.owners import start_owner
from clusterpact.agents.plant import emission_rate
from clusterpact.agents.vocabulary import BUILDING, BY_FINANCIER, BY_FIRM, BY_OPERATOR, COMMITTED, IDLE
from clusterpact.policies.package import library_package
from clusterpact.sim.audit import audit
from clusterpact.sim.books import keep_accounts
from clusterpact.sim.kernel import start_run
from clusterpact.sim.runs import words_of
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.world import build_world, parameter_records
from tests.worlds.small import small_state
from tests.worlds.whole import whole

HEADER = "plant,unit,name,capacity_kt_per_year,capacity_gwh_per_year,scope1_share,source,mark\n"
#: Plants of Dunkirk that are split, into how many equal units: the works and the station that burns its gases, a plant with
#: heat to give, one that gets free allowances and says how many jobs it has, and one that is not built yet.
SPLIT = {"arcelormittal-dunkirk": 3, "dk6": 2, "aluminium-dunkerque": 4, "lhoist-rety": 2, "h2v-dunkirk": 2}
FLOWS = ("emission_kt", "captured_kt", "generated_kt", "allocation_kt", "capex_meur", "renewal_meur", "greenfield_meur",
         "opex_meur", "heat_gwh", "energy_gwh", "volume")  # fmt: skip
SHARED = ("is_increment", "is_low_carbon", "technology", "build_quarters", "life_years", "campaign_years")


def rows_of(plant, parts, shares=None):
    """Rows of `units.csv` for equal units of a plant, or for units with shares of its emissions."""
    kt, gwh = plant.capacity_kt_per_year, plant.capacity_gwh_per_year
    for k in range(parts):
        sizes = ["" if size is None else repr(size / parts) for size in (kt, gwh)]
        share = "" if shares is None else shares[k]
        yield f"{plant.id},unit-{k},Unit {k},{sizes[0]},{sizes[1]},{share},made up,estimate\n"


def split(folder, parts, shares=None):
    """Whole Dunkirk with some plants in units."""
    plants = {plant.id: plant for plant in whole("dunkirk", folder).plants}
    rows = [row for name, count in parts.items() for row in rows_of(plants[name], count, shares)]
    (folder / "units.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    return read_scenario(folder)


def world_of(scenario):
    return build_world(scenario, library_package("current-policies"), 2026, 2030, seed=1, check_books=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The cluster with its plants whole, and with some of them in equal units: (scenario, world) each."""
    plain = whole("dunkirk", tmp_path_factory.mktemp("plain"))
    units = split(tmp_path_factory.mktemp("units"), SPLIT)
    return (plain, world_of(plain)), (units, world_of(units))


def first_year(world):
    """The account of a year in which nothing but what runs at the start goes on, and the state at its end."""
    s = world.fresh_state()
    start_run(s, world.template, np.uint64(0), words_of(parameter_records({}, 1))[0])
    s.spots.price[:] = s.spots.expected_price[:] = 50.0
    for t in range(4):
        close_gates(s, t)
        keep_accounts(s, t)  # audits the books
    return s.account[0], s


def test_the_first_account_is_the_same(pair):
    (plain, _), (units, _) = (first_year(world) for _, world in pair)
    for name in plain.dtype.names:
        np.testing.assert_allclose(units[name], plain[name], rtol=1e-9, atol=1e-9, err_msg=name)
    assert plain.scope1_kt > 0.0
    assert plain.jobs_direct > 0.0
    assert plain.free_allocation_kt > 0.0


def rows(scenario, site):
    """Rows of the units of a plant."""
    return [i for i, plant in enumerate(scenario.plants) if plant.site == site]


@pytest.mark.parametrize("site", SPLIT)
def test_units_add_up_to_their_plant(pair, site):
    (plain, one), (units, many) = pair
    i, parts = rows(plain, site)[0], rows(units, site)
    assert len(parts) == SPLIT[site]
    for name in ("baseline_kt", "jobs", "gva_meur", "output_kt", "gas_kt", "visibility"):
        assert many.template.firms[name][parts].sum() == pytest.approx(one.template.firms[name][i], rel=1e-9), name
    assert many.template.firms.campaign_meur[parts].sum() == pytest.approx(one.template.firms.campaign_meur[i], rel=1e-9)
    first = many.template.firms[parts[0]]
    for name in ("jobs_multiplier", "closure_per_year", "output_spread", "output_limit", "cbam_good", "planned", "plant"):
        assert (many.template.firms[name][parts] == first[name]).all()
        assert first[name] == pytest.approx(one.template.firms[name][i], rel=1e-9), name


@pytest.mark.parametrize("site", SPLIT)
def test_what_options_of_units_cost_and_take_adds_up_to_that_of_the_plant(pair, site):
    (plain, one), (units, many) = pair
    i, parts = rows(plain, site)[0], rows(units, site)
    assert {many.option_names[k] for k in parts} == {one.option_names[i]}
    for number, name in enumerate(one.option_names[i]):
        whole_option = one.template.options[one.template.firms[i].first_option + number]
        found = many.template.options[[many.template.firms[k].first_option + number for k in parts]]
        for flow in FLOWS:
            total = found[flow].sum(axis=0)
            np.testing.assert_allclose(total, whole_option[flow], rtol=1e-9, atol=1e-9, err_msg=f"{name}: {flow}")
        for field in SHARED:
            assert (found[field] == whole_option[field]).all(), f"{name}: {field}"


def test_owners_have_the_same_means(pair):
    found = []
    for scenario, world in pair:
        s = world.fresh_state()
        for o in range(s.owners.size):
            start_owner(s, o)
        keys = [owner.key for owner in scenario.owners]
        found.append({key: (s.owners[o].cash_flow_meur, s.owners[o].budget_meur) for o, key in enumerate(keys)})
    assert found[0].keys() == found[1].keys()
    for key, means in found[0].items():
        assert found[1][key] == pytest.approx(means, rel=1e-9), key


def test_the_anchor_of_the_pact_is_the_same_plant(pair):
    sites = [scenario.plants[int(world.template.pacts[0].anchor)].site for scenario, world in pair]
    assert sites[0] == sites[1] == "arcelormittal-dunkirk"


def emissions(scenario, s):
    """Emissions by plant, kt/year."""
    found = {}
    for i, plant in enumerate(scenario.plants):
        found[plant.site] = found.get(plant.site, 0.0) + emission_rate(s, s.firms[i])
    return found


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_gases_go_with_the_furnaces_a_third_with_each(pair, gone):
    (plain, one), (units, many) = pair
    s = many.fresh_state()
    before = emissions(plain, one.fresh_state())
    assert emissions(units, s) == pytest.approx(before)
    furnaces = rows(units, "arcelormittal-dunkirk")
    s.firms.base_intact[furnaces[:gone]] = 0
    gases = one.template.firms[rows(plain, "dk6")[0]].gas_kt
    assert gases > 0.0
    assert emissions(units, s)["dk6"] == pytest.approx(before["dk6"] - gone / 3 * gases)


def test_units_of_a_plant_share_its_character_and_have_campaigns_of_their_own(pair):
    (plain, one), (units, many) = pair
    i, parts = rows(plain, "dk6")[0], rows(units, "dk6")
    alone, s = first_year(one)[1], first_year(many)[1]
    for name in ("disposition", "optimism", "free_rider", "board_quarter", "capability"):
        assert set(s.firms[name][parts]) == {alone.firms[i][name]}
    assert len({*s.firms.id[parts]}) == len(parts)


def test_shares_of_emissions_split_what_goes_with_them_and_leave_the_plant_as_it_was(tmp_path, pair):
    plain, one = pair[0]
    units = split(tmp_path, {"arcelormittal-dunkirk": 2}, (0.7, 0.3))
    many = world_of(units)
    i, parts = rows(plain, "arcelormittal-dunkirk")[0], rows(units, "arcelormittal-dunkirk")
    baseline = one.template.firms[i].baseline_kt
    assert many.template.firms.baseline_kt[parts] == pytest.approx([0.7 * baseline, 0.3 * baseline])
    assert many.template.firms.jobs[parts] == pytest.approx(2 * [one.template.firms[i].jobs / 2])
    assert many.template.firms.gas_share[parts].sum() == pytest.approx(1.0)
    s = many.fresh_state()
    assert emissions(units, s) == pytest.approx(emissions(plain, one.fresh_state()))
    first_year(many)  # audits the books
    audit(s)


# Promises.


def plant_of_two(**further):
    """Units 0 and 1 are one plant, firm 2 is another."""
    s = small_state(firms=3, **further)
    s.firms.site, s.firms.units = [0, 0, 2], [2, 2, 1]
    s.firms.plant = [s.firms[0].plant, s.firms[0].plant, s.firms[2].plant]
    return s


def seen(s, name):
    """What firms, lenders and operators see of each firm in this quarter."""
    return [tuple(firm[f"{name}_now"][[BY_FIRM, BY_FINANCIER, BY_OPERATOR]]) for firm in s.firms]


UNSEEN = (0.0, 0.0, 0.0)


@pytest.mark.parametrize("unit", [0, 1])
@pytest.mark.parametrize(("honoured", "name"), [(1, "kept"), (0, "broken")])
def test_a_pledge_of_a_unit_is_a_pledge_of_its_plant(unit, honoured, name):
    s = plant_of_two(witness_discount=0.5)
    s.pacts.transparency = 1.0
    s.firms[unit].c1_due, s.firms[unit].c1_honoured = 5, honoured
    observe_firms(s, 5)
    assert seen(s, name) == [(0.5, 0.5, 0.5), (0.5, 0.5, 0.5), UNSEEN]


@pytest.mark.parametrize("unit", [0, 1])
def test_a_commitment_that_a_unit_breaks_is_held_against_its_plant(unit):
    s = plant_of_two(witness_discount=0.5)
    s.pacts.transparency = 0.0
    s.firms[unit].candidate, s.firms[unit].stage = 2 * unit + 1, COMMITTED
    break_commitment(s, unit, 5)
    assert seen(s, "broken") == [(0.0, 0.0, 1.0), (0.0, 0.0, 1.0), UNSEEN]
    assert list(s.firms.breaches) == [int(i == unit) for i in range(3)]  # and counted where it was broken


@pytest.mark.parametrize("unit", [0, 1])
def test_a_late_start_of_a_unit_is_a_late_start_of_its_plant(unit):
    """Four of eight quarters late: half kept, half broken."""
    s = plant_of_two(witness_discount=0.5)
    firm = s.firms[unit]
    firm.stage, firm.candidate, firm.promised_quarter, firm.ready_quarter, firm.c3_due = BUILDING, 2 * unit + 1, 4, 8, 5
    observe_firms(s, 5)
    assert seen(s, "kept") == seen(s, "broken") == [(0.25, 0.5, 0.5), (0.25, 0.5, 0.5), UNSEEN]
    assert s.firms[1 - unit].stage == IDLE
