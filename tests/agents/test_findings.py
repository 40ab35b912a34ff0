"""What a review of the first release (0.1.0, commit 25c248c) found wrong in its rules, B2 to B10: one situation each.

The docstrings say what that commit did. B1 and B11, which take plants of the library, are in `tests/sim/test_findings.py`,
the smaller ones of B12 in `test_findings_smaller.py`.
"""

import numpy as np
import pytest

from clusterpact.agents.auctions import auction_contracts
from clusterpact.agents.board import appraise, choose, draw_up_papers
from clusterpact.agents.chance import DELAY, uniform
from clusterpact.agents.governments import announce_prices, observe_governments
from clusterpact.agents.lenders import lend
from clusterpact.agents.networks import decide, decides, extend
from clusterpact.agents.plant import commission
from clusterpact.agents.support import contract_payment, tax_credit
from clusterpact.agents.trust import trust, update_trust
from clusterpact.agents.vocabulary import (
    AWARDS_SUPPORT,
    BUILDING,
    BY_FIRM,
    CARBON,
    FID,
    GATE_BANK,
    GUARANTEES,
    NET_OPERATING,
    NO_GATE,
)
from clusterpact.policies.catalogue import POLICY_DTYPE
from clusterpact.sim.books import keep_accounts
from clusterpact.sim.measures import PUBLIC_LINES
from tests.agents.appraising import syndicate
from tests.worlds.small import CLEAN, paper, small_state


def recovery(rate, years):
    """Yearly payment per euro of a loan."""
    return rate / (1 - (1 + rate) ** -years)


def seek_funds(s, t=0):
    """Every board meets and wants what it prefers; owners and lenders answer."""
    for i in range(len(s.firms)):
        appraise(s, i, t)
        s.firms[i].applied = 1
    lend(s, t)
    return s


# B2. Debt and equity in shares: gearing_max + equity_share_max < 1 closed every network and plant, whatever it earned.


@pytest.mark.parametrize("gearing", [0.5, 0.6, 0.7, 0.85])
def test_b2_a_network_is_built_at_any_gearing(gearing):
    """0.1.0: at a gearing of 0.5 or 0.6 no network could ever be financed, since 0.5 + 0.35 < 1."""
    s = small_state(gearing_max=gearing)
    network = s.networks[0]
    network.season, network.signed, network.believed, network.threshold = 1, 1000.0, 1000.0, 800.0
    assert decides(s, 0, 5)
    decide(s, 0, 5)
    cost = 300 * 1.5**0.6
    assert network.debt_meur <= gearing * cost * (1 + 1e-9)
    assert network.debt_meur + network.equity_meur == pytest.approx(cost)


@pytest.mark.parametrize("gearing", [0.5, 0.6, 0.7, 0.85])
def test_b2_a_plant_whose_owner_has_the_means_is_built_at_any_gearing(gearing):
    """0.1.0: not bankable (gate 7) at a gearing of 0.5 or 0.6, however rich its owner."""
    s = small_state(firms=1, networks=0, gearing_max=gearing)
    s.owners.budget_meur = 60.0
    seek_funds(s)
    assert (s.firms[0].stage, s.firms[0].refused) == (FID, NO_GATE)
    debt = 100 * min(gearing, 0.7)  # three tenths are its own, even where lenders would lend more
    assert (s.firms[0].debt_meur, s.firms[0].equity_meur) == pytest.approx((debt, 100 - debt))


# B3. One lender was asked, and if it had no room the firm was rationed.


def test_b3_what_the_cheapest_lender_has_no_room_for_others_lend():
    """0.1.0: rationed (gate 8), with 240 MEUR of room left at the second lender."""
    s = small_state(firms=1, networks=0, financiers=2)
    s.financiers.base_rate, s.financiers.capital_meur = [0.05, 0.06], [40.0, 1000.0]  # a quarter of it to one client
    seek_funds(s)
    assert s.firms[0].stage == FID
    assert s.loans.tolist() == pytest.approx([10.0, 60.0])


def test_b3_a_loan_larger_than_any_ticket_is_spread():
    """0.1.0: one lender carried the whole debt, so that nothing above the largest ticket was bankable."""
    s = small_state(firms=1, networks=0, financiers=3)
    s.financiers.ticket_max_meur = 30.0
    seek_funds(s)
    assert s.firms[0].stage == FID
    assert s.loans.tolist() == pytest.approx([30.0, 30.0, 10.0])


# B4. Options were ranked by net present value per euro, and tied once that was high.


def boiler_or_pump(price, **parameters):
    """A boiler for 10 MEUR that avoids 100 kt a year, or a pump for 100 MEUR that avoids 900; K is 100 MEUR."""
    s = small_state(firms=1, networks=0, options_per_firm=3, **parameters)
    s.options.emission_kt, s.options.capex_meur = [1000.0, 900.0, 100.0], [0.0, 10.0, 100.0]
    s.spots.price[0, CARBON], s.market.in_force = price, price
    draw_up_papers(s, 0, 0)
    return s


@pytest.mark.parametrize("price", [100.0, 500.0, 1000.0])
def test_b4_the_option_that_is_worth_most_is_chosen_not_the_best_per_euro(price):
    """0.1.0: the boiler won at 100 EUR/t (4.9 per euro against 4.3); both tied at 500 and 1,000 (an exponent cap of 50)."""
    s = boiler_or_pump(price)
    assert s.assessments[1].profitability_index > s.assessments[2].profitability_index
    chosen = []
    for run in range(200):
        s.world[0].run = run
        chosen.append(choose(s, 0, 0))
    assert chosen == [2] * 200


def test_b4_a_board_that_must_prefer_one_of_bad_options_takes_the_best():
    """0.1.0: bad options too tied, at the lower end of the cap."""
    s = boiler_or_pump(100.0, choice_sharpness=30.0)
    s.options.opex_meur = [0.0, 500.0, 900.0]
    for run in range(50):
        s.world[0].run = run
        draw_up_papers(s, 0, 0)
        assert choose(s, 0, 0) == 1


# B5. Nobody compared what was paid with what was announced, nor noticed that an instrument was withdrawn.


def trust_after(paid, years, steady=True):
    """Trust of firms in the government that announces 70 EUR/t and 10 more each year, and pays `paid` of the rise."""
    s = small_state()
    s.market.announced = 70.0 + 10.0 * np.arange(26)
    s.market.statutory = 1000.0
    announce_prices(s, 0)
    s.policy.grant_share = 0.3
    if not steady:
        s.policy.grant_share[[2, 3, 6, 7]] = 0.0
    s.instruments.column, s.instruments.duty = POLICY_DTYPE.names.index("grant_share"), AWARDS_SUPPORT
    for t in range(4 * years):
        s.spots[0].past_carbon_price[:] = 70.0 + paid * 10.0 * (t // 4)
        observe_governments(s, t)
        update_trust(s, t)
    return [float(trust(g.kept[BY_FIRM], g.broken[BY_FIRM], 0.5)) for g in s.governments]


def test_b5_a_price_that_is_announced_and_not_paid_costs_trust():
    """0.1.0: 0.881 in 2035 whatever was paid, at the low, the mid and the high path of prices."""
    assert trust_after(paid=0.0, years=6)[0] < 0.4
    assert trust_after(paid=1.0, years=6)[0] > 0.8
    assert trust_after(paid=2.0, years=6)[0] == trust_after(paid=1.0, years=6)[0]
    assert trust_after(paid=0.0, years=3)[0] > trust_after(paid=0.0, years=6)[0]
    assert trust_after(paid=0.0, years=6)[0] < trust_after(paid=0.5, years=6)[0] < trust_after(paid=1.0, years=6)[0]


def test_b5_stop_and_go_costs_the_trust_of_the_government_that_withdraws_and_of_no_other():
    """0.1.0: unsteady support left trust as it was, to three digits."""
    steady, unsteady = trust_after(1.0, 8), trust_after(1.0, 8, steady=False)
    assert unsteady[1] < steady[1] - 0.15
    assert unsteady[0] == steady[0]
    assert unsteady[2] == steady[2]


# B6. A guarantee took its share of the whole project's premium and made no loan possible; its cost was not counted.


def thin(**parameters):
    """A project whose stressed case is 0.56 * 100 EUR/t * 60 kt = 3.4 MEUR a year, with a first-of-a-kind technology."""
    s = small_state(firms=1, networks=0, **parameters)
    s.options[1].emission_kt, s.technologies[CLEAN].premium = 940.0, 1.0
    return s


def test_b6_a_guarantee_makes_a_loan_possible():
    """0.1.0: a guaranteed loan met the full stressed case."""
    s = thin()
    assert paper(s).gate == GATE_BANK
    s.policy.loan_guarantee_share = 0.8
    assert paper(s).gate == NO_GATE


def test_b6_a_guarantee_takes_its_share_of_the_premium_on_the_debt_for_a_fee():
    """0.1.0: it took 80 % of the premium on the equity as well, and cost nothing."""
    s = thin()
    bare = 0.06 + (4 + 3 * 0.5) / 100  # technology and policy
    assert syndicate(s, 0, s.options[1], 70.0, 1.0, 0.0, 0) == pytest.approx((bare, 70.0))
    s.policy.loan_guarantee_share = 0.8
    relief = 0.8 * 0.7 * (5.5 - 0.5) / 100
    assert syndicate(s, 0, s.options[1], 70.0, 1.0, 0.0, 0) == pytest.approx((bare - relief, 70.0))


def test_b6_a_concessional_loan_lowers_the_cost_of_the_debt_alone():
    """0.1.0: at a share of 80 % of the debt it stood for 80 % of the whole cost of capital."""
    s = thin()
    s.policy.concessional_share = 0.8
    assert syndicate(s, 0, s.options[1], 14.0, 1.0, 0.0, 0)[0] == pytest.approx(0.56 * 0.02 + 0.44 * 0.115)


def test_b6_guarantees_and_concessional_loans_are_public_money():
    """0.1.0: no fee, no expected loss, and no grant element: the gift in a cheap loan was in no line of public money."""
    s = small_state(firms=1, networks=0)
    s.policy.loan_guarantee_share, s.policy.concessional_share, s.pacts.budget_left_meur = 0.5, 0.4, 100.0
    seek_funds(s)
    firm, account = s.firms[0], s.account[0]
    assert (firm.stage, firm.debt_meur, firm.public_debt_meur) == (FID, pytest.approx(42.0), pytest.approx(28.0))
    s.policy.loan_guarantee_share = s.policy.concessional_share = 0.0  # what the market asks by itself
    asked = syndicate(s, 0, s.options[1], 42.0, 1.0, 0.0, 0)[0]
    gift = 28 * (1 - recovery(0.02, 15) / recovery(asked - 0.015, 15))
    assert account.grant_element_meur == pytest.approx(gift)
    expected_loss = 0.5 * 42 * (3 * 0.015 + 0.5 * 12 * 0.004) * 0.2
    assert s.pacts[0].budget_left_meur[GUARANTEES] == pytest.approx(100 - expected_loss)
    keep_accounts(s, 0)
    assert account.guarantee_fees_meur == pytest.approx(-0.5 * 42 * 0.005 / 4)
    assert {"grant_element_meur", "guarantee_fees_meur", "guarantee_calls_meur"} <= set(PUBLIC_LINES)


# B7. A grid with spare capacity never took an FID: its works took eight quarters, and no delay.


@pytest.mark.parametrize("mean", [2.0, 12.0])
def test_b7_the_first_works_of_a_grid_take_its_lead_time_and_its_delay(mean):
    """0.1.0: all 399 additions in 200 runs after exactly 8 quarters; the file says 24, and a mean delay of 8."""
    s = small_state(delay_mean_quarters=mean)
    grid = s.networks[0]
    grid.stage, grid.capacity, grid.booked, grid.lead_quarters = NET_OPERATING, 1000.0, 1000.0, 24
    grid.season, grid.signed, grid.believed = 1, 300.0, 300.0
    extend(s, 0, 9)
    luck = uniform(1, 0, DELAY, grid.id, 0)
    late = sum(luck >= 1 - (mean / (1 + mean)) ** quarters for quarters in range(1, 300))
    assert (grid.extension_ready, grid.fid_quarter) == (9 + 24 + late, 9)


# B8. An auction of contracts stopped at the first bid that did not fit, and power stations bid.


def test_b8_an_auction_skips_a_bid_that_is_too_large_and_power_stations_have_none():
    """0.1.0: nobody got a contract here: the power station bid lowest, and nothing behind it was looked at."""
    s = small_state(firms=3, networks=0)
    s.policy.ccfd_budget_meur_per_year = 9.0
    s.firms.candidate, s.firms.strike_bid, s.firms.sells_power = [1, 3, 5], [105.0, 130.0, 140.0], [1, 0, 0]
    s.options[0].emission_kt, s.options[4].emission_kt = 9000.0, 325.0  # it avoids 8,900 kt, the last one 225: 9 MEUR/year
    auction_contracts(s, 1)
    assert s.firms.strike.tolist() == [0.0, 0.0, 140.0]


# B9. A second project wiped out what the first one had won.


def test_b9_contract_and_credit_of_the_first_project_are_paid_to_their_own_end():
    """0.1.0: 6.75 and 25 MEUR a year fell to nothing when the second project started."""
    s = small_state(firms=1, networks=0, options_per_firm=3)
    firm = s.firms[0]
    s.options.captured_kt = [0.0, 500.0, 500.0]
    firm.candidate, firm.stage, firm.strike, firm.credit = 1, BUILDING, 107.5, 50.0
    commission(s, 0, 0)
    before = contract_payment(s, firm), tax_credit(s, firm)
    assert before == pytest.approx((6.75 / 4, 25.0))
    firm.candidate, firm.stage = 2, BUILDING
    commission(s, 0, 20)
    assert (contract_payment(s, firm), tax_credit(s, firm)) == before
    assert (firm.running_until, firm.credit_until) == (60, 48)


# B10. The grant of a hub was paid whole to any size.


@pytest.mark.parametrize(("signed", "granted"), [(200.0, 0.5), (1000.0, 189.0)])
def test_b10_a_grant_pays_at_most_half_of_a_network(signed, granted):
    """0.1.0: a hub of 300 kt a year was paid for in full."""
    s = small_state()
    network = s.networks[0]
    network.season, network.signed, network.believed, network.threshold = 1, signed, signed, 200.0
    network.grant_meur, network.tariff_cap = 189.0, 1000.0
    decide(s, 0, 5)
    cost = 300 * (1.5 * signed / 1000) ** 0.6
    expected = granted * cost if granted < 1 else granted
    assert network.granted_meur == pytest.approx(expected)
    assert network.granted_meur + network.debt_meur + network.equity_meur == pytest.approx(cost)
