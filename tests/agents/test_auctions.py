"""R3 and R6: the yearly auction of carbon contracts for difference.

Every candidate avoids 900 kt/year at an announced 100 EUR/t, so a strike of 110 costs the state 10 * 0.9 = 9 MEUR/year.
"""

import numpy as np

from clusterpact.agents.auctions import auction_contracts
from clusterpact.agents.vocabulary import BUILDING
from tests.worlds.small import review, small_state


def bidders(*bids, budget=30.0):
    s = small_state(firms=len(bids))
    s.policy.ccfd_budget_meur_per_year = budget
    s.firms.strike_bid = bids
    s.firms.candidate = np.arange(1, 2 * len(bids), 2)
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
    firm.option, firm.previous_option, firm.candidate, firm.running_strike = 1, 0, -1, 130.0  # 27 MEUR/year
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
