"""R5: the threshold and finance of a network, its size, tariff, account, delay and extensions."""

import math

import pytest

from clusterpact.agents.chance import DELAY, uniform
from clusterpact.agents.lending import client_of_network, owe
from clusterpact.agents.networks import (
    commission_networks,
    decide,
    decides,
    extend,
    extends,
    first_capacity,
    hold_to_commitment,
    network_debt,
    observe_networks,
)
from clusterpact.agents.tariffs import grant_to_network, network_cost, revenue_requirement, tariff_for, update_tariffs
from clusterpact.agents.vocabulary import COMMITTED, NET_BUILDING, NET_OPERATING, NET_PROPOSED, NETWORK_SUPPORT
from tests.worlds.small import small_state

REQUIREMENT = 300 * 0.055 + 300 / 30 + 0.03 * 300  # return, depreciation, operating cost: 35.5 MEUR/year
CRF_30 = 0.06 / (1 - 1.06**-30)  # debt at 6 % + 1.5 points of policy risk - 1.5 points


def signed_up(believed=900.0, signed=1000.0, **parameters):
    """A network in an open season with 1000 units signed, of which its operator believes 900; the threshold is 800."""
    s = small_state(**parameters)
    network = s.networks[0]
    network.season, network.signed, network.believed, network.threshold = 1, signed, believed, 800.0
    return s


def test_cost_grows_with_size_to_the_scale_exponent():
    network = small_state().networks[0]
    assert network_cost(network, 2000.0, 1.0) == pytest.approx(300 * 2**0.6)
    assert network_cost(network, 0.0, 1.0) == 0.0


def test_the_revenue_requirement_is_return_depreciation_and_operating_cost():
    s = small_state()
    assert revenue_requirement(s, s.networks[0], 300.0, 300.0, 0.0) == pytest.approx(REQUIREMENT)
    assert revenue_requirement(s, s.networks[0], 0.0, 300.0, 0.0) == pytest.approx(9.0)  # written off


@pytest.mark.parametrize(("volume", "tariff"), [(1000.0, 35.5), (100.0, 60.0), (0.0, 60.0)])
def test_the_tariff_recovers_the_requirement_up_to_its_cap(volume, tariff):
    assert tariff_for(small_state().networks[0], REQUIREMENT, volume) == pytest.approx(tariff)


def operating(used, cap=1000.0, financiers=1, **fields):
    s = small_state(financiers=financiers)
    network = s.networks[0]
    network.stage, network.capacity, network.used, network.tariff_cap = NET_OPERATING, 1000.0, used, cap
    network.invested_meur = network.asset_base_meur = 300.0
    for name, value in fields.items():
        setattr(network, name, value)
    return s


@pytest.mark.parametrize(("used", "over"), [(800.0, 800.0), (400.0, 400.0), (100.0, 400.0)])
def test_the_tariff_is_on_actual_use_but_never_on_less_than_forty_percent_of_capacity(used, over):
    s = operating(used)
    update_tariffs(s, 0)
    assert s.networks[0].tariff == pytest.approx(1000 * REQUIREMENT / over)


def test_what_a_capped_tariff_misses_goes_to_the_account_with_interest():
    s = operating(used=400.0, cap=60.0)  # 24 MEUR/year
    network = s.networks[0]
    update_tariffs(s, 0)
    first = (REQUIREMENT - 24) / 4
    assert network.account_meur == pytest.approx(first)
    assert network.asset_base_meur == pytest.approx(300 - 2.5)
    update_tariffs(s, 1)
    lower = REQUIREMENT - 2.5 * 0.055  # a quarter's depreciation earns no more return
    assert network.account_meur == pytest.approx(first * (1 + 0.055 / 4) + (lower - 24) / 4)


def test_a_network_without_users_has_a_finite_tariff_and_its_whole_cost_on_the_account():
    s = operating(used=0.0)
    update_tariffs(s, 0)
    assert s.networks[0].tariff == pytest.approx(1000 * REQUIREMENT / 400)
    assert s.networks[0].account_meur == pytest.approx(REQUIREMENT / 4)


def test_the_asset_base_is_written_off_over_the_life_of_the_network():
    s = operating(used=1000.0)
    for t in range(60):
        update_tariffs(s, t)
    assert s.networks[0].asset_base_meur == pytest.approx(150.0)
    for t in range(60, 124):
        update_tariffs(s, t)
    assert s.networks[0].asset_base_meur == pytest.approx(0.0, abs=1e-9)


def test_users_pay_no_depreciation_on_what_a_grant_paid():
    s = operating(used=1000.0, granted_meur=150.0, asset_base_meur=150.0)
    update_tariffs(s, 0)
    assert s.networks[0].tariff == pytest.approx(150 * 0.055 + 150 / 30 + 9)


def test_an_operating_network_repays_its_lenders_in_proportion_to_the_last_cent():
    s = operating(used=1000.0, financiers=2, debt_meur=120.0, repayment_meur=1.0)
    for lender, lent in enumerate((90.0, 30.0)):
        owe(s, lender, len(s.firms), client_of_network(s, 0), lent)
    update_tariffs(s, 0)
    assert s.networks[0].debt_meur == pytest.approx(119.0)
    assert s.financiers.exposure_meur.tolist() == pytest.approx([89.25, 29.75])  # three quarters of 1 MEUR, and one
    for t in range(1, 120):
        update_tariffs(s, t)
    assert s.networks[0].debt_meur == 0.0
    assert not s.financiers.exposure_meur.any()
    assert not s.loans.any()
    assert not s.clients.any()


def test_users_work_off_in_fifteen_years_what_tariffs_missed_so_far():
    s = operating(used=1000.0, account_meur=100.0)
    yearly = 100 * 0.055 / (1 - 1.055**-15)  # 9.96 MEUR
    update_tariffs(s, 0)
    assert s.networks[0].tariff == pytest.approx(REQUIREMENT + yearly)
    assert s.networks[0].account_meur == pytest.approx(100 + (5.5 - yearly) / 4)


def test_users_who_paid_too_much_get_it_back():
    s = operating(used=1000.0, account_meur=-100.0)
    update_tariffs(s, 0)
    assert s.networks[0].tariff == pytest.approx(REQUIREMENT - 100 * 0.055 / (1 - 1.055**-15))


def test_the_regulated_return_accrues_while_a_network_is_built():
    s = operating(used=0.0, stage=NET_BUILDING)
    update_tariffs(s, 0)
    first = 0.055 * 300 / 4
    assert s.networks[0].account_meur == pytest.approx(first)
    update_tariffs(s, 1)
    assert s.networks[0].account_meur == pytest.approx(first + 0.055 * (300 + first) / 4)
    assert (s.networks[0].asset_base_meur, s.networks[0].tariff) == (300.0, 0.0)  # nothing is used, nothing is paid


@pytest.mark.parametrize(("believed", "season", "decided"), [(800.0, 1, True), (799.0, 1, False), (900.0, 0, False)])
def test_a_network_decides_in_an_open_season_once_trusted_bookings_reach_the_threshold(believed, season, decided):
    s = signed_up(believed=believed)
    s.networks[0].season = season
    assert bool(decides(s, 0, 5)) is decided


def test_a_network_that_nobody_signed_for_is_not_built_even_without_a_threshold():
    s = signed_up(believed=0.0, signed=0.0)
    s.networks[0].threshold = 0.0
    assert not decides(s, 0, 5)


@pytest.mark.parametrize("lenders", [0, 1])
def test_a_regulated_network_finds_equity_where_no_lender_has_room(lenders):
    s = signed_up(financiers=lenders)
    s.financiers.capital_meur = 0.0
    assert decides(s, 0, 5)
    decide(s, 0, 5)
    assert (s.networks[0].debt_meur, s.networks[0].equity_meur) == (0.0, pytest.approx(300 * 1.5**0.6))


@pytest.mark.parametrize(("offered", "gross", "granted"), [(80.0, 300.0, 80.0), (150.0, 300.0, 150.0), (1e6, 300.0, 150.0)])
def test_a_grant_pays_half_of_a_network_at_most(offered, gross, granted):
    network = small_state().networks[0]
    network.grant_meur = offered
    assert grant_to_network(network, gross) == granted


@pytest.mark.parametrize("grant", [0.0, 100.0])
@pytest.mark.parametrize(("factor", "decided"), [(1.0001, True), (0.9999, False)])
def test_a_network_is_built_only_if_its_capped_tariff_pays_for_it_once_the_first_phase_is_full(grant, factor, decided):
    s = signed_up()
    gross = 300 * 1.5**0.6  # oversized to 1500
    needed = (gross - grant) * (0.055 + 1 / 30) + 0.03 * gross
    s.networks[0].grant_meur, s.networks[0].tariff_cap = grant, factor * needed / 1.5
    assert bool(decides(s, 0, 5)) is decided
    s.policy.infrastructure_guarantee_share = 0.9  # who covers the account does not change what users can pay
    assert bool(decides(s, 0, 5)) is decided


@pytest.mark.parametrize(("signed", "limit", "capacity"), [(1000, 9e9, 1500), (600, 9e9, 1200), (1000, 1100, 1100)])
def test_a_network_is_oversized_for_what_is_signed_or_the_threshold_within_its_limit(signed, limit, capacity):
    s = signed_up(signed=float(signed))
    s.networks[0].limit = limit
    assert first_capacity(s, s.networks[0]) == pytest.approx(capacity)


def test_debt_of_a_network_is_what_its_income_serves_within_gearing():
    s = small_state()
    assert network_debt(s, 0, 300.0, 10.0, 0.0) == pytest.approx(10 / (1.3 * CRF_30))  # 106 MEUR
    assert network_debt(s, 0, 300.0, 100.0, 0.0) == pytest.approx(210.0)
    assert s.offers.tolist() == pytest.approx([210.0])


def test_lenders_share_the_debt_of_a_network_the_cheapest_first():
    s = small_state(financiers=3)
    s.financiers.base_rate = [0.06, 0.04, 0.05]
    assert network_debt(s, 0, 300.0, 100.0, 0.0) == pytest.approx(210.0)
    assert s.offers.tolist() == pytest.approx([0.0, 210.0, 0.0])
    s.financiers[1].ticket_max_meur = 50.0
    s.financiers[2].capital_meur = 400.0  # a quarter of it to one client
    assert network_debt(s, 0, 300.0, 100.0, 0.0) == pytest.approx(210.0)
    assert s.offers.tolist() == pytest.approx([60.0, 50.0, 100.0])


def test_a_decision_closes_its_books_and_fixes_the_guarantee():
    s = signed_up()
    s.networks[0].grant_meur = 80.0
    s.policy.infrastructure_guarantee_share = 0.4
    decide(s, 0, 5)
    network, account = s.networks[0], s.account[0]
    gross = 300 * 1.5**0.6
    assert (network.stage, network.capacity, network.fid_quarter) == (NET_BUILDING, 1500.0, 5)
    assert (network.invested_meur, network.asset_base_meur) == pytest.approx((gross, gross - 80))
    assert network.debt_meur == pytest.approx(0.7 * (gross - 80))
    assert s.financiers[0].exposure_meur == pytest.approx(network.debt_meur)
    assert (network.guarantee, network.signed_at_fid) == (0.4, 1.0)
    assert network.cover_limit_meur == pytest.approx(0.4 * (gross - 80))
    sources = account.network_grants_meur + account.network_equity_meur + account.network_debt_meur
    assert account.network_capex_meur == pytest.approx(sources)


@pytest.mark.parametrize(("lead", "faster", "planned"), [(12, 0.0, 17), (12, 0.5, 15), (6, 1.0, 9)])
def test_faster_permits_bring_the_promised_date_forward_to_a_year_at_most(lead, faster, planned):
    s = signed_up(permit_quarters=4.0)
    s.networks[0].lead_quarters = lead
    s.policy.faster_permits = faster
    decide(s, 0, 5)
    assert s.networks[0].planned_quarter == planned


@pytest.mark.horizon
def test_delay_is_geometric_with_its_mean_and_drawn_at_the_decision():
    delays = []
    s = signed_up(delay_mean_quarters=8.0)
    for run in range(2000):
        fresh = s.copy()
        fresh.world[0].run = run
        decide(fresh, 0, 5)
        delays.append(fresh.networks[0].ready_quarter - fresh.networks[0].planned_quarter)
    assert min(delays) == 0
    assert sum(delays) / 2000 == pytest.approx(8.0, abs=5 * math.sqrt(72 / 2000))  # variance mean (1 + mean)
    draws = [uniform(1, run, DELAY, s.networks[0].id, 0) for run in range(2000)]
    assert [d == 0 for d in delays] == [u < 1 - 8 / 9 for u in draws]


def test_a_mean_delay_of_zero_is_no_delay():
    s = signed_up(delay_mean_quarters=0.0)
    decide(s, 0, 5)
    assert s.networks[0].ready_quarter == s.networks[0].planned_quarter == 17


def test_after_the_decision_signed_firms_hold_capacity_and_owe_an_fid_in_two_years():
    s = signed_up()
    s.options.volume[1::2, 0] = 400.0
    s.firms.candidate = [1, 3]
    s.firms[0].stage, s.firms[0].c2_lapse = COMMITTED, 9
    decide(s, 0, 5)
    assert (s.firms[0].booked[0], s.firms[0].c2_due, s.firms[0].c2_lapse) == (400.0, 13, -1)
    assert (s.firms[1].booked[0], s.firms[1].c2_due) == (0.0, -1)


def test_a_signed_firm_that_waits_for_a_second_network_owes_nothing_yet():
    s = small_state(networks=2)
    s.options[1].volume[:2] = 400.0
    s.firms[0].candidate, s.firms[0].stage, s.firms[0].c2_lapse = 1, COMMITTED, 9
    s.networks[0].stage, s.networks[0].capacity = NET_BUILDING, 1000.0
    hold_to_commitment(s, 0, 5)
    assert (s.firms[0].booked[0], s.firms[0].c2_due, s.firms[0].c2_lapse) == (0.0, -1, 9)


def waiting(signed=300.0, **fields):
    """A network of 1000 with 800 booked, and 300 more signed at an open season."""
    fields = {"booked": 800.0, "season": 1, "signed": signed, "believed": signed, "fid_quarter": 0} | fields
    return operating(used=800.0, **fields)


@pytest.mark.parametrize(
    ("fields", "grows"),
    [
        ({}, True), ({"signed": 201.0}, True), ({"signed": 200.0}, False), ({"signed": 140.0, "booked": 900.0}, False),
        ({"season": 0}, False), ({"extension": 1.0}, False), ({"limit": 1000.0}, False), ({"stage": NET_PROPOSED}, False),
    ],
)  # fmt: skip
def test_a_network_grows_for_enough_waiting_volume_that_does_not_fit(fields, grows):
    s = waiting()
    for name, value in fields.items():
        setattr(s.networks[0], name, value)
    assert bool(extends(s, 0, 9)) is grows


def test_a_guarantee_is_kept_within_the_places_budget():
    s = signed_up()
    s.policy.infrastructure_guarantee_share, s.pacts.budget_left_meur = 0.4, 60.0
    decide(s, 0, 5)
    assert s.networks[0].cover_limit_meur == pytest.approx(60.0)  # of 0.4 * 300 * 1.5^0.6 = 153 MEUR
    assert s.networks[0].guarantee == pytest.approx(60 / (300 * 1.5**0.6))
    assert s.pacts[0].budget_left_meur[NETWORK_SUPPORT] == pytest.approx(0.0)


def test_an_extension_adds_oversized_capacity_that_opens_in_two_years():
    s = waiting()
    extend(s, 0, 9)
    network = s.networks[0]
    assert (network.capacity, network.extension, network.extension_ready) == (1450.0, 450.0, 17)
    assert network.invested_meur == pytest.approx(300 * 1.45**0.6)
    commission_networks(s, 16)
    assert network.extension == 450.0
    commission_networks(s, 17)
    assert (network.extension, network.capacity) == (0.0, 1450.0)


@pytest.mark.parametrize(("factor", "capacity"), [(1.0001, 1450.0), (0.9999, 1000.0)])
def test_an_extension_is_built_only_if_its_users_can_pay_for_it(factor, capacity):
    s = waiting()
    cost = 300 * (1.45**0.6 - 1)  # 450 more
    s.networks[0].tariff_cap = factor * cost * (0.055 + 1 / 30 + 0.03) / 0.45
    extend(s, 0, 9)
    assert s.networks[0].capacity == capacity


@pytest.mark.parametrize(("delay", "kept"), [(0, 1.0), (2, 0.75), (8, 0.0), (20, 0.0)])
def test_a_ready_date_is_kept_to_the_degree_that_its_delay_leaves(delay, kept):
    s = small_state()
    network = s.networks[0]
    network.stage, network.fid_quarter, network.planned_quarter, network.ready_quarter = NET_BUILDING, 2, 14, 14 + delay
    for t in range(14, 40):
        observe_networks(s, t)
        commission_networks(s, t)
        assert (network.stage == NET_OPERATING) == (t >= 14 + delay)
    assert list(network.kept_now) == pytest.approx([kept, kept, kept / 2, kept / 2])
    assert list(network.broken_now) == pytest.approx([1 - kept, 1 - kept, (1 - kept) / 2, (1 - kept) / 2])


def test_a_network_that_runs_from_the_start_promised_nothing():
    s = operating(used=0.0)
    observe_networks(s, 0)
    assert not s.networks[0].kept_now.any()
