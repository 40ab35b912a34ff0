"""R3 and R6: the yearly auction of carbon contracts for difference.

Every candidate avoids 900 kt/year at an announced 100 EUR/t, so a strike of 110 costs the state 10 * 0.9 = 9 MEUR/year.
"""

import numpy as np
import pytest

from clusterpact.agents.auctions import (
    auction_contracts,
    bids,
    committed_support,
    contract_support,
    expected_payment,
    is_auction,
    may_bid,
)
from clusterpact.agents.support import within_budget
from clusterpact.agents.vocabulary import BUILDING, CREDITS
from tests.worlds.small import review, small_state


def bidders(*strikes, budget=30.0):
    s = small_state(firms=len(strikes))
    s.policy.ccfd_budget_meur_per_year = budget
    s.firms.strike_bid = strikes
    s.firms.candidate = np.arange(1, 2 * len(strikes), 2)
    return s


def test_an_auction_takes_the_lowest_strike_first_until_the_budget_is_gone():
    s = bidders(150.0, 120.0, 110.0)  # 45, 18 and 9 MEUR/year
    auction_contracts(s, 1)
    assert list(s.firms.strike) == [0.0, 120.0, 110.0]
    assert list(s.firms.strike_until[1:]) == [9, 9]


def test_a_bid_beyond_the_years_budget_is_not_served():
    s = bidders(150.0, budget=44.9)
    auction_contracts(s, 1)
    assert s.firms[0].strike == 0.0


def test_only_a_strike_above_the_announced_price_is_a_bid():
    s = bidders(100.0, 90.0)
    auction_contracts(s, 1)
    assert not s.firms.strike.any()


def test_a_firm_in_works_without_candidate_or_with_a_contract_does_not_bid():
    s = bidders(110.0, 110.0, 110.0)
    s.firms[0].stage, s.firms[1].candidate, s.firms[2].strike, s.firms[2].strike_until = BUILDING, -1, 105.0, 20
    auction_contracts(s, 1)
    assert list(s.firms.strike) == [0.0, 0.0, 105.0]


def test_awards_stop_when_the_budget_of_a_contract_length_is_committed():
    s = bidders(110.0, 130.0)  # 9 and 27 MEUR/year for 15 years, of at most 15 * 30
    s.firms[0].strike, s.firms[0].strike_until = 110.0, 9
    auction_contracts(s, 5)
    assert s.firms[1].strike == 0.0
    s.policy.ccfd_budget_meur_per_year = 36.0
    auction_contracts(s, 5)
    assert s.firms[1].strike == 130.0


def test_a_running_contract_commits_only_the_years_that_are_left():
    s = bidders(0.0, 130.0)
    firm = s.firms[0]
    firm.option, firm.candidate, firm.running_strike, firm.contract_kt = 1, -1, 130.0, 900.0  # 27 MEUR/year
    firm.running_until = 41  # nine years left: 243 + 405 > 450
    auction_contracts(s, 5)
    assert s.firms[1].strike == 0.0
    firm.running_until = 10  # 34 + 405 < 450
    auction_contracts(s, 5)
    assert s.firms[1].strike == 130.0


def test_auctions_are_held_in_the_second_quarter_and_not_while_awards_are_frozen():
    s = bidders(110.0)
    s.governments[1].frozen_until = 5
    for t in range(9):
        review(s, t)
        assert (s.firms[0].strike > 0.0) == (t >= 5)


@pytest.mark.parametrize(("quarter", "budget", "held"), [(5, 0.5, True), (5, 0.0, False), (4, 30.0, False), (6, 9.0, False)])
def test_an_auction_needs_the_second_quarter_and_a_budget(quarter, budget, held):
    assert bool(is_auction(bidders(110.0, budget=budget), 0, quarter)) is held


@pytest.mark.parametrize("fields", [{"strike": 0.5}, {"running_strike": 0.5}, {"candidate": -1}, {"stage": BUILDING}])
def test_any_contract_however_small_keeps_a_firm_from_bidding(fields):
    s = bidders(110.0)
    firm = s.firms[0]
    firm.option, firm.candidate = 1, 0  # the first row is a candidate like any other
    assert may_bid(s, 0, 5)
    for name, field in fields.items():
        setattr(firm, name, field)
    assert not may_bid(s, 0, 5)


@pytest.mark.parametrize(("open_to_power", "may"), [([0.0, 0.0], False), ([0.0, 1.0], True), ([1.0, 0.0], False)])
def test_power_stations_bid_only_in_years_in_which_a_policy_lets_them(open_to_power, may):
    s = bidders(110.0, 110.0)
    s.firms[0].sells_power = 1
    s.policy.ccfd_for_power[:2] = open_to_power
    assert bool(may_bid(s, 0, 5)) is may  # the second quarter of the second year
    assert may_bid(s, 1, 5)


def rising(s):
    """The announced price rises by 10 EUR/t a year: 120 EUR/t in quarter 9, the second of the third year."""
    s.market.in_force = 100.0 + 10.0 * np.arange(26)
    return s


@pytest.mark.parametrize(("strike", "does"), [(120.0, False), (120.5, True)])
def test_a_bid_is_measured_by_the_price_announced_for_its_year(strike, does):
    assert bool(bids(rising(bidders(strike)), 0, 9)) is does


def test_a_contract_is_expected_to_pay_what_its_strike_lies_above_the_price_of_the_year():
    s = rising(bidders(0.0))
    s.options[0].emission_kt = 850.0  # 750 kt/year more than with the candidate
    assert contract_support(s, s.firms[0], 140.0, 9) == pytest.approx(20 * 0.75)
    assert contract_support(s, s.firms[0], 119.5, 9) == 0.0
    assert expected_payment(s, 0, 140.0, 300.0, 9) == pytest.approx(20 * 0.3)


@pytest.mark.parametrize("level", [1.0, 0.005])
def test_commitments_are_all_that_contracts_are_expected_to_cost_in_the_time_they_have_left(level):
    """However low prices are: at a level of 0.005 all strikes lie below 1 EUR/t."""
    s = rising(bidders(0.0, 0.0, 0.0, 0.0))
    s.market.in_force *= level
    awarded, below, lost, running = s.firms
    awarded.option, awarded.candidate, awarded.strike = 1, 0, 150.0 * level  # from the second row to the first
    s.options[0].emission_kt, s.options[1].emission_kt = 200.0, 1000.0
    below.strike = 110.0 * level
    lost.strike, lost.candidate = 150.0 * level, -1
    running.candidate, running.contract_kt = -1, 750.0
    running.running_strike, running.running_until = 140.0 * level, 9 + 22
    expected = 30 * 0.8 * 15 + 20 * 0.75 * 5.5  # 15 years of an award, the 22 quarters that are left of a contract
    assert committed_support(s, 0, 9) == pytest.approx(level * expected)
    running.running_strike = 110.0 * level
    assert committed_support(s, 0, 9) == pytest.approx(level * 30 * 0.8 * 15)


def test_bids_are_ranked_by_strike_whatever_the_order_of_firms():
    s = bidders(110.0, 130.0, 120.0)  # 9, 27 and 18 MEUR/year
    auction_contracts(s, 1)
    assert list(s.firms.strike) == [110.0, 0.0, 120.0]
    assert not s.firms.bid.any()  # nor does the one that lost bid again without a new board


def test_of_equal_bids_the_first_firm_is_served():
    s = bidders(130.0, 130.0)  # 27 MEUR/year each
    auction_contracts(s, 1)
    assert list(s.firms.strike) == [130.0, 0.0]


def test_bids_below_one_euro_are_served_too():
    s = bidders(0.9)
    s.market.in_force = 0.4
    auction_contracts(s, 1)
    assert s.firms[0].strike == 0.9


def test_a_bid_may_use_the_budget_up_to_the_last_euro():
    s = bidders(150.0, budget=45.0)
    auction_contracts(s, 1)
    assert s.firms[0].strike == 150.0


def test_a_bid_that_is_too_large_is_skipped_and_the_next_that_fits_is_taken():
    s = bidders(110.0, 120.0, 130.0, 105.0, budget=24.0)  # 9, 18, 27 and 4.5 MEUR/year
    s.options[7].emission_kt = 400.0  # the last bidder avoids 600 kt: 3 MEUR/year
    s.firms[3].strike_bid = 125.0  # 15 MEUR/year: ranked behind one that does not fit beside the first, and fits
    auction_contracts(s, 1)
    assert list(s.firms.strike) == [110.0, 0.0, 0.0, 125.0]


def test_each_award_counts_against_the_next_one():
    s = bidders(0.0, 110.0, 120.0)  # 9 and 18 MEUR/year, both within the year's budget
    s.firms[0].strike = 110.0  # another 9: with all three 540 of at most 450 MEUR
    auction_contracts(s, 5)
    assert list(s.firms.strike[1:]) == [110.0, 0.0]


@pytest.mark.parametrize(
    ("left", "promised", "share"),
    [(10.0, 8.0, 1.0), (10.0, 40.0, 0.25), (0.0, 5.0, 0.0), (-1e-15, 0.0, 1.0), (-1e-15, 5.0, 0.0)],
)
def test_a_budget_covers_a_share_of_what_is_promised_and_is_never_overdrawn(left, promised, share):
    s = small_state()
    s.pacts[0].budget_left_meur[CREDITS] = left  # rounding may leave a little less than nothing
    assert within_budget(s, 0, CREDITS, promised) == share
