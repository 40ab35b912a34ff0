"""R5: worked examples of a network's tariff, debt, decision and delay, and the edges of each."""

import pytest

from clusterpact.agents.chance import DELAY, uniform
from clusterpact.agents.networks import (
    commission_networks,
    decide,
    decide_networks,
    decides,
    fund,
    hold_to_commitment,
    network_debt,
    observe_networks,
)
from clusterpact.agents.tariffs import network_cost, revenue_requirement, tariff_at, tariff_for, yearly_depreciation
from clusterpact.agents.vocabulary import COMMITTED, NET_BUILDING, NET_OPERATING, NET_PROPOSED
from tests.worlds.small import small_state


def recovery(rate):
    """Yearly payment per euro lent for the 30 years of a network's life."""
    return rate / (1 - (1 + rate) ** -30)


def signed_up(signed=1000.0, believed=900.0, **parameters):
    """A network in an open season, with a threshold of 800 and no cap of its tariff that matters."""
    s = small_state(gearing_max=1.0, **parameters)
    network = s.networks[0]
    network.season, network.signed, network.believed, network.threshold = 1, signed, believed, 800.0
    network.tariff_cap, network.grant_meur = 1000.0, 80.0
    return s


def test_a_network_of_any_size_has_its_cost_and_none_of_no_size():
    network = small_state().networks[0]
    assert network_cost(network, 0.5, 1.0) == pytest.approx(300 * 0.0005**0.6)
    network.scale_exponent = 0.0  # one cost for every size
    assert (network_cost(network, 0.5, 1.0), network_cost(network, 0.0, 1.0)) == (300.0, 0.0)
    assert network_cost(network, 0.5, 1.2) == pytest.approx(360.0)  # where all capital costs more


@pytest.mark.parametrize(("asset_base", "invested", "requirement"), [(1e-7, 300.0, 9.0), (1e-9, 1.0, 0.03), (0.0, 0.0, 0.0)])
def test_what_rounding_leaves_of_an_asset_base_is_not_depreciated(asset_base, invested, requirement):
    s = small_state()
    assert revenue_requirement(s, s.networks[0], asset_base, invested, 0.0) == pytest.approx(requirement)


@pytest.mark.parametrize("grant", [300.0, 400.0])
def test_nothing_is_left_to_depreciate_of_a_network_that_a_grant_paid(grant):
    assert yearly_depreciation(small_state().networks[0], 300.0, grant) == 0.0


def test_the_tariff_of_a_small_volume_recovers_its_requirement_too():
    assert tariff_for(small_state().networks[0], 0.01, 0.5) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("grant", "others", "volume", "tariff"),
    [
        (100.0, 500.0, 140.0, (200 * 0.055 + 200 / 30 + 9) / 0.640),
        (100.0, 40.0, 140.0, (200 * 0.055 + 200 / 30 + 9) / 0.250),  # on no less than a quarter of the first phase
        (150.0, 500.0, 140.0, (150 * 0.055 + 150 / 30 + 9) / 0.640),
        (400.0, 500.0, 140.0, (150 * 0.055 + 150 / 30 + 9) / 0.640),  # a grant pays half at most
    ],
)
def test_a_firm_expects_the_tariff_of_what_others_and_it_bring_with_service(grant, others, volume, tariff):
    s = small_state()
    network, firm = s.networks[0], s.firms[0]
    network.grant_meur, network.tariff_cap, network.service, firm.others_volume[0] = grant, 1000.0, 7.0, others
    assert tariff_at(s, firm, 0, volume) == pytest.approx(tariff + 7)


@pytest.mark.parametrize("stage", [NET_BUILDING, NET_OPERATING])
def test_after_the_decision_the_tariff_in_force_is_expected_whatever_others_bring(stage):
    s = small_state()
    s.networks[0].stage, s.networks[0].tariff, s.networks[0].service = stage, 23.0, 7.0
    assert tariff_at(s, s.firms[0], 0, 140.0) == 30.0


def test_what_a_firm_expects_to_pay_rises_with_the_level_of_capital_costs():
    s = small_state(capex_level=1.2)
    s.networks[0].tariff_cap, s.firms[0].others_volume[0] = 1000.0, 860.0
    assert tariff_at(s, s.firms[0], 0, 140.0) == pytest.approx(1.2 * (300 * 0.055 + 300 / 30 + 9))


def test_a_network_without_a_lender_has_no_debt():
    s = small_state(financiers=0)
    assert network_debt(s, 0, 300.0, 10.0, 0.0) == 0.0


def test_a_guarantee_takes_its_share_of_the_risk_of_policy_and_of_shaken_confidence():
    s = small_state()
    s.financiers[0].confidence_pp = 0.8
    rate = 0.06 + (1 - 0.4) * (3 * 0.5 + 0.8) / 100 - 0.015
    assert network_debt(s, 0, 300.0, 10.0, 0.4) == pytest.approx(10 / (1.3 * recovery(rate)))


def test_a_network_that_runs_at_a_loss_gets_no_debt():
    s = small_state()
    assert network_debt(s, 0, 300.0, -5.0, 0.0) == 0.0
    assert not s.offers.any()


@pytest.mark.parametrize(("cost", "ticket", "lent"), [(300.0, 210.0, 210.0), (300.0, 210.1, 0.0), (0.5, 5.0, 0.0)])
def test_a_lender_makes_no_loan_below_its_smallest_ticket(cost, ticket, lent):
    s = small_state()
    s.financiers[0].ticket_min_meur = ticket
    assert network_debt(s, 0, cost, 100.0, 0.0) == pytest.approx(lent)


@pytest.mark.parametrize("cost", [0.0, -20.0])
def test_a_network_that_costs_nothing_borrows_nothing(cost):
    s = small_state()
    assert network_debt(s, 0, cost, 100.0, 0.0) == 0.0
    assert not s.offers.any()


def test_of_two_equal_lenders_the_first_one_finances_the_network():
    s = small_state(financiers=2)
    network_debt(s, 0, 300.0, 100.0, 0.0)
    assert s.offers.tolist() == pytest.approx([210.0, 0.0])


def test_even_a_small_signed_volume_is_a_ground_to_build_what_its_tariff_pays_for():
    s = signed_up(signed=0.5, believed=0.5)
    s.networks[0].threshold, s.networks[0].tariff_cap = 0.0, 1e9
    assert decides(s, 0, 5)


@pytest.mark.parametrize(
    ("signed", "believed", "capacity", "spread"), [(1000.0, 900.0, 1500.0, 900.0), (500.0, 300.0, 1200.0, 480.0)]
)
def test_a_network_borrows_on_what_the_users_that_it_believes_in_and_its_guarantee_pay(signed, believed, capacity, spread):
    s = signed_up(signed, believed)
    s.policy.infrastructure_guarantee_share = 0.4
    gross = 300 * (capacity / 1000) ** 0.6
    requirement = (gross - 80) * (0.055 + 1 / 30) + 0.03 * gross
    income = requirement * believed / spread  # the tariff spreads cost over 0.4 of capacity at least
    covered = income + 0.4 * (requirement - income)
    debt = (covered - 0.03 * gross) / (1.3 * recovery(0.06 + 0.6 * 0.015 - 0.015))
    decide(s, 0, 5)
    assert s.networks[0].debt_meur == pytest.approx(debt)
    assert s.networks[0].equity_meur == pytest.approx(gross - 80 - debt)
    assert s.networks[0].capacity == capacity


@pytest.mark.parametrize(("signed", "capacity", "spread"), [(1000.0, 1500.0, 1000.0), (300.0, 1200.0, 480.0)])
def test_the_first_tariff_spreads_the_cost_over_what_is_signed_but_over_enough(signed, capacity, spread):
    s = signed_up(signed)
    decide(s, 0, 5)
    gross = 300 * (capacity / 1000) ** 0.6
    requirement = (gross - 80) * (0.055 + 1 / 30) + 0.03 * gross
    assert s.networks[0].tariff == pytest.approx(1000 * requirement / spread)


@pytest.mark.parametrize("mean", [0.8, 3.0])
def test_each_quarter_of_delay_follows_the_one_before_with_the_same_chance(mean):
    s = signed_up(delay_mean_quarters=mean)
    again = mean / (1 + mean)
    for run in range(40):
        fresh = s.copy()
        fresh.world[0].run = run
        decide(fresh, 0, 5)
        luck = uniform(1, run, DELAY, s.networks[0].id, 0)
        late = sum(luck >= 1 - again**quarters for quarters in range(1, 200))
        assert fresh.networks[0].ready_quarter == 17 + late


def test_money_is_entered_in_the_books_of_network_lenders_and_account():
    s = small_state(financiers=3)
    network, account = s.networks[0], s.account[0]
    network.invested_meur, network.asset_base_meur, network.equity_meur = 100.0, 90.0, 40.0
    network.debt_meur, network.repayment_meur, network.granted_meur = 60.0, 0.5, 10.0
    s.offers[:] = [0.0, 90.0, 30.0]
    fund(s, 0, 120.0, 250.0, 50.0)
    assert (network.invested_meur, network.asset_base_meur, network.equity_meur) == (350.0, 290.0, 120.0)
    assert (network.debt_meur, network.repayment_meur, network.granted_meur) == (180.0, 1.5, 60.0)  # over 120 quarters
    assert s.financiers.exposure_meur.tolist() == [0.0, 90.0, 30.0]
    assert s.loans.reshape(3, 3).tolist() == [[0.0] * 3, [0.0] * 3, [0.0, 90.0, 30.0]]  # two firms, then the network
    assert (account.network_capex_meur, account.network_grants_meur) == (250.0, 50.0)
    assert (account.network_debt_meur, account.network_equity_meur) == (120.0, 80.0)


def test_offers_of_an_earlier_loan_are_none_to_a_network_without_debt():
    s = small_state()
    s.offers[0] = 40.0
    fund(s, 0, 0.0, 250.0, 50.0)
    assert (s.networks[0].debt_meur, s.networks[0].equity_meur, s.financiers[0].exposure_meur) == (0.0, 200.0, 0.0)


def committed_firms(networks=1):
    """Three committed firms that want 0.5 units of each network; all networks are decided, with room."""
    s = small_state(firms=3, networks=networks)
    s.options.volume[1::2, :networks] = 0.5
    s.firms.candidate, s.firms.stage = [1, 3, 5], COMMITTED
    s.networks.stage, s.networks.capacity = NET_BUILDING, 1000.0
    return s


def test_every_committed_member_is_held_to_its_word_however_little_it_signed_for():
    s = committed_firms()
    hold_to_commitment(s, 0, 5)
    assert s.firms.booked[:, 0].tolist() == [0.5, 0.5, 0.5]
    assert s.firms.c2_due.tolist() == [13, 13, 13]


def test_a_firm_that_holds_its_capacity_already_gets_no_new_date():
    s = committed_firms()
    s.firms[1].booked[0], s.firms[1].c2_due = 0.5, 8
    hold_to_commitment(s, 0, 5)
    assert s.firms.c2_due.tolist() == [13, 8, 13]


@pytest.mark.parametrize("lacking", range(4))
def test_a_firm_owes_nothing_while_any_of_its_networks_is_undecided(lacking):
    s = committed_firms(networks=4)
    s.networks[lacking].stage = NET_PROPOSED
    hold_to_commitment(s, (lacking + 1) % 4, 5)
    assert s.firms.c2_due.tolist() == [-1, -1, -1]


def test_every_network_that_may_decide_does():
    s = small_state(networks=3)
    s.networks.season, s.networks.signed, s.networks.believed = [1, 0, 1], 1000.0, 900.0
    s.networks.threshold = 800.0
    decide_networks(s, 5)
    assert s.networks.stage.tolist() == [NET_BUILDING, NET_PROPOSED, NET_BUILDING]
    assert s.networks.fid_quarter.tolist() == [5, -1, 5]


def test_a_small_extension_opens_and_leaves_no_date_behind():
    s = small_state()
    network = s.networks[0]
    network.stage, network.capacity, network.extension, network.extension_ready = NET_OPERATING, 1000.5, 0.5, 9
    commission_networks(s, 8)
    assert (network.extension, network.extension_ready) == (0.5, 9)
    commission_networks(s, 9)
    assert (network.extension, network.extension_ready) == (0.0, -1)


def test_a_promise_of_the_first_quarter_is_seen_in_the_quarter_that_keeps_it():
    s = small_state()
    network = s.networks[0]
    network.stage, network.fid_quarter, network.planned_quarter, network.ready_quarter = NET_BUILDING, 0, 12, 14
    observe_networks(s, 13)
    assert network.c4_seen == 0
    observe_networks(s, 14)
    assert network.c4_seen == 1
    assert network.kept_now.tolist() == pytest.approx([0.75, 0.75, 0.375, 0.375])
