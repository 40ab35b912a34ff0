"""Finance in limiting cases: loans, networks and heat links (model.md, section 7).

How numbers are worked out and compared: `tests/worlds/limits.py`.
"""

import math

import numpy as np
import pytest

from clusterpact.agents.vocabulary import ANCHOR, CARBON, GATE_BANK, GATE_RATION, NATURAL_GAS, NET_OPERATING, OPERATING
from tests.worlds.limits import (
    DEFAULTS,
    NUDGE,
    QUARTERS,
    RESOLUTE,
    agree,
    annuity,
    borrower,
    first_fid,
    play,
    share_agrees,
    started,
    within_four_errors,
    world,
)
from tests.worlds.small import NEVER

pytestmark = pytest.mark.horizon

# Loans (R3)


def loan(cover=1.3, tenor=15, avoided=120.0):
    """Present value of the debt service that the stressed case of that firm carries, MEUR."""
    return (1 - DEFAULTS.merchant_haircut) * 100.0 * avoided / 1000 / cover * annuity(0.045, tenor)


@pytest.mark.parametrize("cover", [1.2, 1.3, 1.5])
@pytest.mark.parametrize("tenor", [10, 15, 20])
def test_a_loan_is_the_present_value_of_its_debt_service_and_is_repaid_in_equal_quarters(cover, tenor):
    s = started(borrower(cover, tenor, avoided=110.0, gearing_max=10.0))
    debt, firm, lender = loan(cover, tenor, avoided=110.0), s.firms[0], s.financiers[0]
    for t in play(s):
        if firm.fid_quarter < 0:
            assert lender.exposure_meur == 0.0
            continue
        payments = max(0, t - firm.start_quarter + 1) if firm.start_quarter >= 0 else 0
        left = debt * max(0.0, 1 - payments / (4 * tenor))
        agree([firm.debt_meur, lender.exposure_meur], left, of=debt)
        agree(firm.debt_service_meur, debt / annuity(0.045, tenor))
    assert payments > 4 * tenor
    agree(lender.exposure_meur, 0.0, of=debt)


@pytest.mark.parametrize("tenor", [10, 15, 20])
def test_a_loan_is_at_risk_until_its_last_payment_and_no_longer(tenor):
    """However the payments round, nothing is owed after the last one: a loan of nothing could still default."""
    late = []
    for avoided in np.linspace(110.0, 140.0, 61):
        s = started(borrower(tenor=float(tenor), avoided=avoided))
        end = NEVER
        for t in play(s):
            if s.firms[0].start_quarter >= 0 and s.firms[0].debt_meur == 0.0:
                end = t
                break
        if end != s.firms[0].start_quarter + 4 * tenor - 1:
            late.append(avoided)
    assert late == []


def with_means(budget, **changes):
    """That borrower, of an owner whose capital budget is exactly so many MEUR: one year's cash flow, all of it."""
    s = borrower(owner_budget_share=1.0, owner_budget_years=1.0, owner_group_reach=1.0, **changes)
    s.owners.group_cash_flow_meur = budget
    return s


@pytest.mark.parametrize("side", [-1, 1])
def test_a_project_is_bankable_exactly_if_its_owner_has_the_cost_less_the_loan(side):
    s = started(with_means((100.0 - loan()) * (1 + side * NUDGE)))  # 100 MEUR; the loan is 55.5
    assert first_fid(s) == (s.firms[0].board_quarter if side > 0 else NEVER)
    assert s.firms[0].refused == (0 if side > 0 else GATE_BANK)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_loan_is_rationed_exactly_below_the_capital_that_carries_it(side):
    s = with_means((100.0 - loan()) * (1 + NUDGE / 10), connected_limit=0.25)
    s.financiers.capital_meur = 4 * loan() * (1 + side * NUDGE)
    started(s)
    assert first_fid(s) == (s.firms[0].board_quarter if side > 0 else NEVER)
    assert s.firms[0].refused == (0 if side > 0 else GATE_RATION)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_project_defaults_exactly_below_the_price_that_serves_its_debt(side):
    """The price falls two years after the start; the fourth short quarter is the default. No other means serve the loan."""
    s = started(borrower(surplus_share=0.0))
    firm = s.firms[0]
    for t in play(s):
        if firm.start_quarter >= 0 and t == firm.start_quarter + 7:
            s.market.path[:, CARBON] = loan() / annuity(0.045, 15) / 0.12 * (1 + side * NUDGE)
        if s.financiers[0].npl_meur > 0.0:
            break
    assert firm.failures == 0  # the plant runs on
    assert t == (firm.board_quarter + 8 + 8 + 3 if side < 0 else QUARTERS - 1)


def test_a_default_leaves_capital_bad_loans_and_confidence_on_their_closed_forms():
    s = started(borrower(default_early_per_year=4.0))  # certain in the quarter of the start, after one payment
    lender, capital = s.financiers[0], s.financiers[0].capital_meur
    lost, failed = loan() * (1 - 1 / 60), NEVER
    for t in play(s):
        if s.firms[0].failures == 1 and failed < 0:
            failed, s.firms[0].capability = t, 0.0
        if failed >= 0:
            n = t - failed + 1
            agree(capital - lender.capital_meur, (1 - DEFAULTS.recovery_share) * lost, of=capital)
            agree(lender.npl_meur, lost * (1 - DEFAULTS.npl_runoff_per_quarter) ** n)
            spread = DEFAULTS.default_contagion_pp * (1 - DEFAULTS.confidence_recovery_per_quarter) ** (n - 1)
            agree(lender.confidence_pp, spread)
            agree(lender.exposure_meur, 0.0, of=lost)
    assert failed >= 8


# Networks (R5)


def user(use, capacity=1000.0, life=20.0, cap=1e9, grant=60.0, run=0):
    """A network of 300 MEUR that runs from the start and the one plant that uses `use` of its capacity."""
    s = world(networks=1, options_per_firm=2)
    net, firm = s.networks[0], s.firms[0]
    s.options[1].volume[0] = firm.booked[0] = net.booked = net.used = use * capacity
    firm.option, firm.switched, firm.stage, firm.base_intact = 1, 1, OPERATING, 0
    net.stage, net.capacity, net.fid_quarter, net.ready_quarter, net.c4_seen = NET_OPERATING, capacity, 0, 0, 1
    net.invested_meur, net.granted_meur, net.asset_base_meur = 300.0, grant, 300.0 - grant
    net.life_years, net.tariff_cap = life, cap
    return started(s, run)


RETURN = DEFAULTS.regulated_return_pct / 100


def requirement(quarters, life=20.0, grant=60.0):
    """Revenue requirement of that network after n quarters, MEUR/year: return, depreciation and 3 % operating cost."""
    base = (300.0 - grant) * np.maximum(0.0, 1 - np.asarray(quarters) / (4 * life))
    return RETURN * base + np.where(base > 0, (300.0 - grant) / life, 0.0) + 9.0


WORKED_OFF = RETURN / (1 - (1 + RETURN) ** -15)  #: share of the account that users pay back a year: an annuity of 15 years


@pytest.mark.parametrize("use", [1.0, 0.7, 0.4, 0.1, 0.0])
@pytest.mark.parametrize("cap", [1e9, 20.0])
def test_a_tariff_spreads_the_requirement_over_use_and_users_work_off_what_it_misses(use, cap):
    """1,000 kt: MEUR per 1,000 kt are EUR/t. It is spread over 40 % of capacity at least; what it misses compounds."""
    s = user(use, cap=cap, life=30.0)
    needed, account = requirement(np.arange(QUARTERS), life=30.0), 0.0
    for t in play(s):
        tariff = min(cap, (needed[t] + WORKED_OFF * account) / max(use, 0.4))
        account += (RETURN * account + needed[t] - tariff * use) / 4
        agree(s.networks[0].tariff, tariff)
        agree(s.networks[0].account_meur, account, of=needed[: t + 1].sum() / 4)
    if use >= 0.4 and cap > 20.0:
        assert abs(account) < 1e-9  # who covers the cost leaves nothing to work off


@pytest.mark.parametrize("life", [10, 12, 15, 20, 25])
@pytest.mark.parametrize("grant", [0.0, 60.0, 100.0])
def test_cost_covering_tariffs_return_exactly_what_was_invested(life, grant):
    """At the allowed return, the present value of all tariffs less operating cost is the asset base; then users pay opex."""
    s = user(1.0, life=float(life), grant=grant)
    value, tariffs = 0.0, []
    for t in play(s):
        tariffs.append(s.networks[0].tariff)
        value += (s.networks[0].tariff - 9.0) / 4 * (1 + RETURN / 4) ** -(t + 1)
    agree(value, 300.0 - grant)
    agree(tariffs, requirement(np.arange(QUARTERS), life, grant))


def anchored(run=0, limit=1000.0, **changes):
    """An anchor that signs at the first season in which it gains, and the network that is built for it alone."""
    s = world(networks=1, **(RESOLUTE | {"threshold_share": 0.5, "oversizing": 1.0} | changes))
    s.pacts.own_mode, s.pacts.anchor = ANCHOR, 0
    s.options[1].volume[0] = 1000.0
    s.networks.limit = limit
    return started(s, run)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("guarantee", [0.0, 0.3])
def test_a_network_is_decided_exactly_at_the_threshold_of_trusted_bookings(side, guarantee):
    """The operator believes T + (1 - T) psi of the 1,000 kt that are signed, and needs theta (1 - g) of the phase."""
    trust = anchored().networks[0].disposition
    theta = (trust + (1 - trust) * DEFAULTS.bindingness) / (1 - guarantee) * (1 - side * NUDGE)
    s = anchored(threshold_share=theta)
    s.policy.infrastructure_guarantee_share = guarantee
    for _ in play(s, 0, 8):
        pass
    assert (s.networks[0].fid_quarter >= 0) == (side > 0)


@pytest.mark.parametrize("cover", [1.3, 2.0])
def test_the_loan_of_a_network_is_the_present_value_of_what_its_users_bring_less_operating_cost(cover):
    """Return and depreciation on 300 MEUR, over 30 years at 6 % and the policy premium less 1.5 points."""
    s = anchored(debt_service_cover=cover, gearing_max=10.0)
    for t in play(s):
        if s.networks[0].fid_quarter == t:
            break
    kept = sum(DEFAULTS.trust_memory ** (t - k) for k in range(3, t + 1, 4))
    trust = (kept + 2 * s.financiers[0].disposition) / (kept + 2)
    rate = 0.06 + (3.0 * (1 - trust) - 1.5) / 100
    agree(s.networks[0].debt_meur, 300.0 * (RETURN + 1 / 30) / cover * annuity(rate, 30))
    agree(s.networks[0].debt_meur + s.networks[0].equity_meur, 300.0)


@pytest.mark.parametrize("oversizing", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("run", range(4))
def test_a_network_built_for_its_user_is_paid_for_its_works_and_repays_its_lender(run, oversizing):
    """From season to the end of the run: use of all or most, a tariff that covers the cost, no delay, no extension.

    The return of three years of works compounds in the account; its users then work it off over 15 years.
    """
    s = anchored(run, limit=oversizing * 1000.0, oversizing=oversizing, delay_mean_quarters=0.0)
    s.networks.tariff_cap = 1e9
    net, firm, cost = s.networks[0], s.firms[0], 300.0 * oversizing**0.6
    for t in play(s):
        if net.fid_quarter >= 0:
            agree([net.capacity, net.invested_meur], [oversizing * 1000.0, cost])
            works, working = min(12, t - net.fid_quarter), max(0, t - net.fid_quarter - 12)
            accrued = cost * ((1 + RETURN / 4) ** works - 1)
            agree(net.account_meur, accrued * (1 + (RETURN - WORKED_OFF) / 4) ** working, of=cost)
            n = max(0, t - (net.fid_quarter + 12))  # opens after three years and bills from the next quarter on
            agree(net.asset_base_meur, cost * (1 - n / 120))
            agree(net.debt_meur, (cost - net.equity_meur) * (1 - n / 120))
        if net.stage == NET_OPERATING:
            assert net.used == (1000.0 if t >= net.fid_quarter + 12 else 0.0)
    assert net.fid_quarter in (1, 5)
    assert firm.start_quarter == net.fid_quarter + 12


@pytest.mark.parametrize("oversizing", [1.0, 1.5, 3.0])
def test_a_network_with_room_for_all_who_signed_is_not_extended_before_more_volume_waits(oversizing):
    s = anchored(limit=np.inf, oversizing=oversizing, delay_mean_quarters=0.0)
    for _ in play(s):
        if s.networks[0].fid_quarter >= 0:
            assert s.networks[0].capacity == oversizing * 1000.0
    assert s.networks[0].used == 1000.0


@pytest.mark.parametrize("mean", [2.0, 8.0, 12.0])
def test_the_delay_of_a_network_is_geometric_with_its_mean(mean):
    s = anchored(delay_mean_quarters=mean)
    template = s.copy()
    delays = []
    for run in range(4000):
        started(s, run, template)
        for _ in play(s, 0, 6):
            if s.networks[0].fid_quarter >= 0:
                delays.append(s.networks[0].ready_quarter - s.networks[0].planned_quarter)
                break
    assert len(delays) == 4000
    within_four_errors(np.mean(delays), mean, math.sqrt(mean * (1 + mean) / 4000))
    for k in range(5):
        share_agrees(np.sum(np.array(delays) == k), 4000, 1 / (1 + mean) * (mean / (1 + mean)) ** k)


# Heat links (R5)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_heat_link_forms_exactly_where_half_its_gain_pays_half_its_cost(side):
    """94 GWh of heat save 100 GWh of gas at 30 EUR/MWh and 20 kt of CO2: 5 MEUR/year, at 10.5 % and 3 points of doubt."""
    s = world(firms=2, options_per_firm=1, links=1)
    s.options.energy_gwh[1, NATURAL_GAS] = 200.0
    for path in ("low", "mid", "high"):
        s.prices[path][:, NATURAL_GAS] = 30.0
    s.links.sink, s.links.heat_gwh = 1, 94.0
    started(s)
    rates = [(5.5 + 5.0 + 3.0 * (1 - s.firms[i].disposition)) / 100 for i in range(2)]
    s.links.capex_meur = 5.0 * annuity(max(rates), 20) * (1 - side * NUDGE)
    for t in play(s):
        assert s.links[0].formed_quarter == (2 if side > 0 and t >= 2 else NEVER)
    assert s.firms[1].emission_kt == pytest.approx(980.0 if side > 0 else 1000.0)
