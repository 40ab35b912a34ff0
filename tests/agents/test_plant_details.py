"""A plant at work, at the edges: emissions at zero, the smallest need of a network, and the quarter in which works begin."""

import pytest

from clusterpact.agents.plant import commission, emission_rate, is_running, waits_for_network, work_on_plants
from clusterpact.agents.support import tax_credit
from clusterpact.agents.vocabulary import BUILDING, FID, N_KINDS, NATURAL_GAS, NET_BUILDING, NET_OPERATING, OPERATING
from tests.worlds.small import NEVER, small_state

KINDS = range(N_KINDS)


def needing(needed, running=0.0, kind=0):
    """Firm 0 is about to start option 1, which needs a network that its running option uses already."""
    s = small_state(firms=1, networks=N_KINDS)
    firm, network = s.firms[0], s.networks[kind]
    firm.candidate, firm.stage, firm.ready_quarter = 1, BUILDING, 8
    s.options[1].volume[kind], s.options[0].volume[kind] = needed, running
    network.stage, network.capacity, network.used = NET_OPERATING, 1000.0, running
    firm.booked[kind] = network.booked = max(needed, running)
    return s


def test_an_announced_plant_produces_once_it_is_built():
    s = small_state()
    s.firms.planned = 1
    s.firms[1].switched = 1
    assert [bool(is_running(firm)) for firm in s.firms] == [False, True]


def test_heat_from_a_neighbour_saves_gas_and_where_there_is_none_nothing():
    s = small_state()
    s.firms.heat_relief_gwh = 47.0  # stands for 50 GWh of gas, 10 kt of CO2
    assert emission_rate(s, s.firms[0]) == 1000.0
    s.options[0].energy_gwh[NATURAL_GAS] = 200.0
    assert emission_rate(s, s.firms[0]) == pytest.approx(990.0)


def test_a_plant_without_emissions_emits_nothing():
    s = small_state()
    s.options[0].emission_kt = 0.0
    assert emission_rate(s, s.firms[0]) == 0.0


@pytest.mark.parametrize(("intact", "emitted"), [(1, [1000.0, 1000.0, 1130.0]), (0, [1000.0, 1000.0, 1000.0])])
def test_who_takes_furnace_gases_burns_them_while_the_furnaces_stand(intact, emitted):
    s = small_state(firms=3)
    s.firms.gas_kt = 130.0
    s.firms[2].gas_supplier, s.firms[0].base_intact = 0, intact
    assert [emission_rate(s, firm) for firm in s.firms] == emitted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("needed", [0.5, 400.0])
def test_a_plant_waits_for_any_network_that_is_not_open_however_little_it_needs(kind, needed):
    s = needing(needed, kind=kind)
    assert not waits_for_network(s, s.firms[0])
    s.networks[kind].stage = NET_BUILDING
    assert waits_for_network(s, s.firms[0])


@pytest.mark.parametrize(("free", "waits"), [(100.0, False), (99.0, True)])
def test_a_plant_needs_room_only_for_what_it_does_not_use_already(free, waits):
    s = needing(400.0, running=300.0)
    s.networks[0].used = 1000.0 - free
    assert waits_for_network(s, s.firms[0]) == waits


@pytest.mark.parametrize(("lacking", "waits"), [(1.0, False), (1.5, True)])
def test_a_billionth_of_the_capacity_is_no_lack_of_room(lacking, waits):
    s = needing(400.0)
    s.networks[0].capacity = 1e9
    s.networks[0].used = 1e9 - 400.0 + lacking
    assert waits_for_network(s, s.firms[0]) == waits


def test_a_firm_without_a_project_waits_for_nothing():
    s = needing(400.0)
    s.networks[0].stage, s.firms[0].candidate = NET_BUILDING, NEVER
    assert not waits_for_network(s, s.firms[0])


def test_a_project_in_the_first_row_of_the_table_waits_like_any_other():
    s = needing(0.0, running=400.0)
    s.firms[0].option, s.firms[0].candidate = 1, 0
    s.networks[0].stage = NET_BUILDING
    assert waits_for_network(s, s.firms[0])


@pytest.mark.parametrize(("length", "age", "cost"), [(0.0, 1.0, 0.0), (1.0, 0.0, 25.0)])
def test_a_plant_without_campaigns_is_never_renewed_and_one_of_a_year_every_year(length, age, cost):
    s = small_state(firms=1)
    s.options[0].campaign_years, s.options[0].renewal_meur = length, 25.0
    for t in range(4):
        work_on_plants(s, t)
    assert (s.firms[0].campaign_age, s.account[0].renewal_meur) == (age, cost)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_project_takes_over_from_the_first_and_clears_what_the_board_had_noted(kind):
    s = small_state(firms=1, options_per_firm=3, networks=N_KINDS)
    firm, network = s.firms[0], s.networks[kind]
    s.options[1].volume[kind], s.options[2].volume[kind] = 400.0, 300.0
    firm.option, firm.candidate, firm.stage, firm.campaign_age, firm.choice, firm.available = 1, 2, BUILDING, 4.0, 0.3, 1
    firm.strike, firm.strike_until, firm.credit = 80.0, 40, 30.0
    s.options[2].emission_kt, s.options[1].captured_kt, s.options[2].captured_kt = 50.0, 100.0, 300.0
    firm.booked[kind], network.booked, network.used, network.capacity = 400.0, 600.0, 600.0, 1000.0
    commission(s, 0, 8)
    assert (firm.option, firm.previous_option, firm.previous_age, firm.candidate) == (2, 1, 4.0, NEVER)
    assert (firm.stage, firm.switched, firm.choice, firm.available) == (OPERATING, 1, 0.0, 0)
    assert (firm.strike, firm.running_strike, firm.running_until) == (0.0, 80.0, 8 + 60)
    assert firm.contract_kt == 50.0  # of 100 kt that it emitted, 50 are left
    assert (firm.credit, firm.running_credit, firm.credit_until, firm.credit_kt) == (0.0, 30.0, 8 + 48, 200.0)
    assert (network.used, network.booked, firm.booked[kind]) == (500.0, 500.0, 300.0)


def running_on():
    """A firm that runs option 1 under a contract and a credit of its own, and is about to start option 2."""
    s = small_state(firms=1, options_per_firm=3)
    firm = s.firms[0]
    firm.option, firm.candidate, firm.stage = 1, 2, BUILDING
    firm.running_strike, firm.running_until, firm.contract_kt = 130.0, 60, 900.0
    firm.running_credit, firm.credit_until, firm.credit_kt = 50.0, 28, 500.0
    s.options[1].captured_kt, s.options[2].captured_kt = 500.0, 500.0
    return s


def test_what_the_first_project_won_outlives_a_second_one_that_won_nothing():
    s = running_on()
    commission(s, 0, 20)
    firm = s.firms[0]
    assert (firm.running_strike, firm.running_until, firm.contract_kt) == (130.0, 60, 900.0)
    assert (firm.running_credit, firm.credit_until, firm.credit_kt) == (50.0, 28, 500.0)
    assert tax_credit(s, firm) == pytest.approx(25.0)


@pytest.mark.parametrize(("rate", "until"), [(90.0, 49), (30.0, 39)])
def test_two_credits_are_paid_as_one_that_brings_what_both_would(rate, until):
    s = running_on()
    s.firms[0].credit, s.options[2].captured_kt = rate, 800.0  # 300 kt more: three eighths of all
    commission(s, 0, 20)
    firm = s.firms[0]
    yearly = 0.3 * rate + 0.5 * 50.0  # MEUR
    assert firm.running_credit == pytest.approx(yearly / 0.8)
    assert tax_credit(s, firm) == pytest.approx(yearly)
    assert (firm.credit_until, firm.credit_kt) == (until, 800.0)
    promised = 0.3 * rate * 12 + 0.5 * 50.0 * 2  # twelve years of the new one, two are left of the old one
    assert yearly * (until - 20) / 4 == pytest.approx(promised, abs=0.5 * yearly / 4)  # to the nearest quarter


def test_a_credit_after_one_that_ended_stands_alone():
    s = running_on()
    firm = s.firms[0]
    firm.credit, firm.running_credit, s.options[2].captured_kt = 90.0, 0.0, 800.0
    commission(s, 0, 20)
    assert (firm.running_credit, firm.credit_until, firm.credit_kt) == (90.0, 68, 300.0)
    assert tax_credit(s, firm) == pytest.approx(27.0)


def test_a_project_that_captures_no_more_than_before_gets_no_credit():
    s = running_on()
    firm = s.firms[0]
    firm.credit = 90.0
    commission(s, 0, 20)
    assert (firm.credit, firm.running_credit, firm.credit_until, firm.credit_kt) == (0.0, 50.0, 28, 500.0)


def test_works_begin_in_the_quarter_after_the_decision():
    s = small_state(firms=1)
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.fid_quarter, firm.ready_quarter = 1, FID, 8, 20
    work_on_plants(s, 8)
    assert firm.stage == FID
    work_on_plants(s, 9)
    assert firm.stage == BUILDING


def test_contracts_and_credits_end_however_low_they_are():
    s = small_state(firms=1)
    firm = s.firms[0]
    firm.strike = firm.running_strike = firm.running_credit = 0.5
    firm.strike_until = firm.running_until = firm.credit_until = 8
    work_on_plants(s, 8)
    assert (firm.strike, firm.running_strike, firm.running_credit) == (0.0, 0.0, 0.0)
