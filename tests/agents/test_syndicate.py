"""R3: loans spread over lenders, the cheapest first; tickets, and the room that each lender has for a group of clients."""

from itertools import permutations, product

import pytest

from clusterpact.agents.lenders import ask_next, offers, take_offer
from clusterpact.agents.lending import client_of_network, fill, next_lender, offer, owe, rank_lenders, room
from clusterpact.agents.vocabulary import FID, GATE_RATION, IDLE
from tests.agents.appraising import CRF_5_PERCENT, apply, asking, syndicate
from tests.worlds.small import small_state


def bank(rates, tickets=(), smallest=(), **parameters):
    """Lenders at such base rates, with such largest and smallest tickets, MEUR; a quarter of 10,000 MEUR to each group."""
    s = small_state(firms=2, financiers=len(rates), **parameters)
    s.financiers.base_rate = rates
    if tickets:
        s.financiers.ticket_max_meur = tickets
    if smallest:
        s.financiers.ticket_min_meur = smallest
    return s


def spread(s, debt=70.0):
    """Cost of capital and MEUR of a loan for firm 0's first option."""
    return syndicate(s, 0, s.options[1], debt, 0.0, 0.0, 0)


# What a loan costs.


def test_the_cheapest_lender_takes_all_that_its_ticket_allows():
    assert spread(bank([0.06, 0.04, 0.05])) == pytest.approx((0.04, 70.0))


def test_a_loan_is_spread_from_the_cheapest_lender_upwards_and_costs_the_mean():
    s = bank([0.06, 0.04, 0.05], tickets=[100.0, 40.0, 20.0])
    assert spread(s) == pytest.approx(((40 * 0.04 + 20 * 0.05 + 10 * 0.06) / 70, 70.0))


def test_all_lenders_together_may_lend_less_than_is_asked_for():
    s = bank([0.06, 0.04], tickets=[15.0, 40.0])
    assert spread(s) == pytest.approx(((40 * 0.04 + 15 * 0.06) / 55, 55.0))


def test_the_order_of_the_table_does_not_matter():
    first = spread(bank([0.06, 0.04, 0.05], tickets=[100.0, 40.0, 20.0]))
    assert spread(bank([0.05, 0.06, 0.04], tickets=[20.0, 100.0, 40.0])) == pytest.approx(first)


def test_a_lender_takes_no_part_below_its_smallest_ticket():
    """The rest of 20 MEUR is below what the second lender does; the third takes it, however dear."""
    s = bank([0.04, 0.05, 0.09], tickets=[50.0, 500.0, 500.0], smallest=[0.0, 20.1, 20.0])
    assert spread(s) == pytest.approx(((50 * 0.04 + 20 * 0.09) / 70, 70.0))


def test_where_nobody_lends_capital_costs_what_the_cheapest_asks():
    assert spread(bank([0.07, 0.05], smallest=[71.0, 71.0])) == pytest.approx((0.05, 0.0))


def test_where_there_is_no_lender_nothing_is_lent():
    assert spread(bank([])) == (0.0, 0.0)


def test_more_lenders_never_make_a_loan_smaller_and_cheaper_ones_never_dearer():
    rates, tickets = [0.06, 0.04, 0.05, 0.045], [30.0, 25.0, 10.0, 20.0]
    lent = [spread(bank(rates[:n], tickets=tickets[:n]))[1] for n in range(1, 5)]
    assert lent == pytest.approx([30.0, 55.0, 65.0, 70.0])
    found, _ = spread(bank(rates, tickets=tickets))  # 25 at 4, 20 at 4.5, 10 at 5 and 15 at 6 %
    assert found == pytest.approx((25 * 0.04 + 20 * 0.045 + 10 * 0.05 + 15 * 0.06) / 70)


def test_support_lowers_what_every_lender_asks():
    """Half of 2 points of risk above the fee of 0.5 on 70 % of debt; a quarter of that debt at 2 %."""
    s = bank([0.04, 0.06], tickets=[35.0, 35.0])
    s.financiers.confidence_pp = 2.0
    s.policy.loan_guarantee_share, s.policy.concessional_share = 0.5, 0.25
    relief, cheap = 0.5 * 0.7 * 0.015, 0.25 * 0.7
    rates = [cheap * 0.02 + (1 - cheap) * (base + 0.02 - relief) for base in (0.04, 0.06)]
    assert spread(s) == pytest.approx((sum(rates) / 2, 70.0))


# Whom a borrower asks next, and what it is offered.


def test_lenders_are_asked_from_the_cheapest_upwards_and_equals_in_their_order():
    s = bank([0.05, 0.05, 0.05])
    s.rates[:] = [0.06, 0.04, 0.04]
    assert [next_lender(s, last) for last in (-1, 1, 2, 0)] == [1, 2, 0, -1]


def test_a_loan_is_filled_by_lenders_that_ask_no_more_than_a_rate():
    s = bank([0.05, 0.05, 0.05], tickets=[100.0, 40.0, 20.0])
    s.rates[:] = [0.06, 0.04, 0.05]
    rank_lenders(s)
    assert fill(s, 0, 70.0, 0.06) == pytest.approx(((40 * 0.04 + 20 * 0.05 + 10 * 0.06) / 70, 70.0))
    assert fill(s, 0, 70.0, 0.0599) == pytest.approx(((40 * 0.04 + 20 * 0.05) / 60, 60.0))
    assert fill(s, 0, 70.0, 0.0399) == (0.04, 0.0)


@pytest.mark.parametrize("rates", list(product([0.04, 0.05, 0.06], repeat=3)))
def test_lenders_are_ranked_by_what_they_ask_then_by_row_whatever_stood_before(rates):
    s = bank([0.05, 0.05, 0.05])
    for before in ([0, 0, 0], *permutations(range(3))):
        s.ranking[:] = before
        s.rates[:] = rates
        rank_lenders(s)
        assert s.ranking.tolist() == sorted(range(3), key=lambda f: (rates[f], f))


@pytest.mark.parametrize(
    ("wanted", "smallest", "largest", "taken"),
    [(70.0, 0.0, 500.0, 70.0), (70.0, 70.0, 70.0, 70.0), (70.0, 70.1, 500.0, 0.0), (70.0, 0.0, 69.0, 69.0),
     (70.0, 69.5, 69.0, 0.0), (3000.0, 0.0, 5000.0, 2500.0), (0.0, 0.0, 500.0, 0.0)],
)  # fmt: skip
def test_an_offer_is_within_ticket_and_room_and_nothing_below_the_smallest_ticket(wanted, smallest, largest, taken):
    s = bank([0.05], tickets=[largest], smallest=[smallest])
    assert offer(s, 0, 0, wanted) == taken


def test_a_lender_without_room_offers_nothing():
    s = bank([0.05])
    s.financiers[0].npl_meur = 10_000.0
    assert offer(s, 0, 0, 70.0) == 0.0
    s.financiers[0].npl_meur = 11_000.0
    assert offer(s, 0, 0, 70.0) == 0.0


def test_a_borrower_asks_until_it_has_its_loan():
    s = asking(bank([0.05, 0.06, 0.07], tickets=[40.0, 20.0, 40.0]))
    s.rates[:] = [0.05, 0.06, 0.07]
    s.firms[0].sought_meur = 55.0
    asked = []
    f = -1
    while (f := ask_next(s, 0, f)) >= 0:
        asked.append((f, offers(s, f, 0)))
        take_offer(s, f, 0, offers(s, f, 0))
    assert asked == [(0, 40.0), (1, 15.0)]
    assert s.firms[0].sought_meur == 0.0
    assert s.offers.tolist() == [40.0, 15.0, 0.0]


def test_no_more_is_taken_than_is_sought():
    s = asking(bank([0.05]))
    s.firms[0].sought_meur = 30.0
    take_offer(s, 0, 0, 40.0)
    assert (s.offers[0], s.firms[0].sought_meur) == (30.0, 0.0)


def test_a_borrower_whom_all_have_answered_asks_nobody():
    s = asking(bank([0.05, 0.06]))
    s.rates[:] = [0.05, 0.06]
    s.firms[0].sought_meur = 30.0
    assert ask_next(s, 0, 1) == -1


# Room.


def test_loans_count_for_the_lender_that_gave_them_and_the_group_that_took_them():
    s = small_state(firms=2, networks=1, financiers=3, connected_limit=0.25)
    owe(s, 1, 0, 0, 300.0)  # lender 1 to firm 0 of owner 0
    owe(s, 1, 2, client_of_network(s, 0), 40.0)  # and to the network, borrower 2 after two firms
    assert s.loans.reshape(3, 3).tolist() == [[0.0, 300.0, 0.0], [0.0, 0.0, 0.0], [0.0, 40.0, 0.0]]
    assert s.clients.reshape(3, 3).tolist() == [[0.0, 300.0, 0.0], [0.0, 0.0, 0.0], [0.0, 40.0, 0.0]]
    assert s.financiers.exposure_meur.tolist() == [0.0, 340.0, 0.0]
    assert [room(s, f, 0) for f in range(3)] == [2500.0, 2200.0, 2500.0]  # a quarter of 10,000 MEUR, less what is out
    assert [room(s, 1, client) for client in range(3)] == [2200.0, 2500.0, 2460.0]


def test_the_plants_of_an_owner_share_its_room_at_a_lender():
    s = small_state(firms=3, connected_limit=0.25)
    s.firms.owner = [0, 1, 1]
    s.financiers[0].capital_meur = 1000.0
    owe(s, 0, 1, 1, 150.0)
    owe(s, 0, 2, 1, 60.0)
    assert [room(s, 0, client) for client in (0, 1)] == [250.0, 40.0]
    assert s.loans.tolist()[:3] == [0.0, 150.0, 60.0]


def test_a_lender_lends_no_more_than_its_capital_and_bad_loans_weigh_on_all():
    """A lender of 1,000 MEUR may lend 250 to each of five owners, but not to all."""
    s = small_state(firms=5, networks=0, connected_limit=0.25)
    s.financiers[0].capital_meur = 1000.0
    for i in range(4):
        assert room(s, 0, i) == pytest.approx(250.0)
        owe(s, 0, i, i, 250.0 - 20.0 * i)
        assert room(s, 0, i) == pytest.approx(20.0 * i)
    assert s.loans.tolist() == [250.0, 230.0, 210.0, 190.0, 0.0]
    assert s.financiers[0].exposure_meur == 880.0
    assert room(s, 0, 4) == pytest.approx(120.0)
    s.financiers[0].npl_meur = 40.0
    assert [room(s, 0, i) for i in (0, 3, 4)] == pytest.approx([0.0, 60.0, 80.0])
    owe(s, 0, 1, 1, -200.0)
    assert [room(s, 0, i) for i in (1, 4)] == pytest.approx([220.0, 250.0])


# Whole loans.


def test_a_decided_project_owes_every_lender_its_part_and_serves_the_mean_rate():
    """40 MEUR at 6 % and 30 at 7 %: a mean of 6.43 %, 1.5 points less for the debt."""
    s = bank([0.07, 0.06], tickets=[100.0, 40.0])
    s.firms[0].candidate, s.parameters.policy_premium_pp = 1, 0.0
    assert apply(s) == 0
    firm = s.firms[0]
    rate = (40 * 0.06 + 30 * 0.07) / 70 - 0.015
    assert s.loans.reshape(-1, 2)[0].tolist() == pytest.approx([30.0, 40.0])
    assert list(s.financiers.exposure_meur) == pytest.approx([30.0, 40.0])
    assert (firm.stage, firm.debt_meur, firm.equity_meur) == (FID, pytest.approx(70.0), pytest.approx(30.0))
    assert firm.debt_service_meur == pytest.approx(70 * rate / (1 - (1 + rate) ** -15))


def test_no_single_lender_needs_to_be_large_enough():
    s = asking(bank([0.065] * 3, tickets=[30.0] * 3))
    assert apply(s) == 0
    assert s.loans[:3].tolist() == pytest.approx([30.0, 30.0, 10.0])
    assert s.firms[0].debt_service_meur == pytest.approx(70 * CRF_5_PERCENT)


def test_lenders_that_together_lend_too_little_ration_the_project():
    s = asking(bank([0.065] * 2, tickets=[30.0] * 2))  # 60 of the 70 MEUR that its owner lacks
    assert apply(s) == GATE_RATION
    assert s.firms[0].stage == IDLE
    assert not s.loans.any()
    assert s.firms[0].sought_meur == 0.0
