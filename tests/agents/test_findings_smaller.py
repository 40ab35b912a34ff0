"""What a review of the first release (0.1.0, commit 25c248c) found wrong in its rules, B12: the smaller ones."""

import pytest

from clusterpact.agents.capability import learn
from clusterpact.agents.governments import reverses
from clusterpact.agents.ladder import observe_firms, sanction
from clusterpact.agents.lenders import lend
from clusterpact.agents.links import form_links
from clusterpact.agents.networks import decide
from clusterpact.agents.pact import run_pact
from clusterpact.agents.plant import emission_rate
from clusterpact.agents.tariffs import network_cost, revenue_requirement, update_tariffs
from clusterpact.agents.technologies import renewal_cost
from clusterpact.agents.vocabulary import (
    COMMITTED,
    FID,
    GATE_BANK,
    GATE_RATION,
    IDLE,
    NATURAL_GAS,
    NET_BUILDING,
    NET_OPERATING,
    NO_GATE,
    OPERATING,
)
from clusterpact.sim.books import keep_accounts
from tests.agents.appraising import annuity
from tests.worlds.small import paper, small_state


def test_b12_a_heat_link_sells_as_much_heat_as_it_saves_gas_for():
    """0.1.0: of a link of 70 GWh 35 were sold, and the gas and CO2 of 70 saved."""
    s = small_state(links=1, fuel_ceiling_per_year=1.0)
    s.firms.capability = 1.0
    s.options[2].energy_gwh[NATURAL_GAS], s.spots[0].expected_price[NATURAL_GAS] = 500.0, 40.0
    s.links[0].source, s.links[0].sink, s.links[0].heat_gwh, s.links[0].capex_meur = 0, 1, 70.0, 1.0
    form_links(s, 2)
    for t in range(4, 8):
        keep_accounts(s, t)
    assert s.account[0].heat_sold_gwh == pytest.approx(70.0)
    assert 1000.0 - emission_rate(s, s.firms[1]) == pytest.approx(70 / 0.94 * 0.2)  # 14.9 kt


def running_network(used, account=0.0, **fields):
    """A network of 1000 for 300 MEUR that runs; its tariff is capped at 60."""
    s = small_state()
    network = s.networks[0]
    network.stage, network.capacity, network.used, network.account_meur = NET_OPERATING, 1000.0, used, account
    network.invested_meur = network.asset_base_meur = 300.0
    for name, value in fields.items():
        setattr(network, name, value)
    return s


def test_b12_full_years_work_the_amortisation_account_off():
    """0.1.0: after 10 poor years the account of 358 MEUR grew to 857 in 16 full ones, at a tariff of 21 of a cap of 60."""
    s = running_network(used=100.0)
    for t in range(40):
        update_tariffs(s, t)
    network = s.networks[0]
    peak = network.account_meur
    assert peak > 300.0
    network.used = 1000.0
    for t in range(40, 104):
        before = network.account_meur
        update_tariffs(s, t)
        assert network.account_meur < before
        assert network.tariff <= 60.0
    # A year's annuity over 15 years is 9.96 %, of which 5.5 points are interest: 64 quarters leave (1 - 0.0446 / 4)**64 =
    # 49 %, and a little more where the cap binds at first.
    assert 0.49 * peak < network.account_meur < 0.52 * peak


def test_b12_a_return_accrues_while_a_network_is_built():
    """0.1.0: the account stayed at zero until the network opened, three years after its money was spent."""
    s = small_state()
    network = s.networks[0]
    network.season, network.signed, network.believed, network.threshold = 1, 1000.0, 1000.0, 800.0
    decide(s, 0, 5)
    for t in range(5, 9):
        update_tariffs(s, t)
    assert network.stage == NET_BUILDING
    assert network.account_meur == pytest.approx(300 * 1.5**0.6 * ((1 + 0.055 / 4) ** 4 - 1))


def test_b12_the_level_of_capital_costs_reaches_networks_and_renewals():
    """0.1.0: "multiplier on all capital costs" moved projects alone: a network of 400 MEUR cost 400 at any level."""
    usual, dear = small_state(), small_state(capex_level=1.5)
    for s in (usual, dear):
        s.options[0].renewal_meur, s.options[2].greenfield_meur = 40.0, 200.0
    assert network_cost(dear.networks[0], 1500.0, 1.5) == pytest.approx(1.5 * network_cost(usual.networks[0], 1500.0, 1.0))
    for row in (0, 2):
        assert renewal_cost(dear, dear.options[row]) == pytest.approx(1.5 * renewal_cost(usual, usual.options[row]))
    for s in (usual, dear):
        s.networks.season, s.networks.signed, s.networks.believed, s.networks.tariff_cap = 1, 1000.0, 1000.0, 100.0
        decide(s, 0, 5)
    assert dear.account[0].network_capex_meur == pytest.approx(1.5 * usual.account[0].network_capex_meur)


def test_b12_skills_are_paid_for_jobs_that_exist():
    """0.1.0: of 14,099 jobs that Dunkirk paid for 9,729 existed; the rest was in plants that are not built."""
    s = small_state(firms=3)
    s.firms.jobs, s.firms.planned, s.firms[2].switched = [100.0, 1000.0, 10_000.0], [0, 1, 1], 1
    s.policy.skills_per_year = 0.1
    learn(s, 0)
    assert s.account[0].skills_meur == pytest.approx(10_100 / 4000)  # 1,000 EUR a job and year


def test_b12_the_first_phases_grant_is_not_subtracted_from_an_extension_again():
    """0.1.0: an extension for 110 MEUR was depreciated by 0.00 MEUR a year, not by 3.67."""
    s = running_network(used=1000.0, grant_meur=189.0, granted_meur=150.0)
    requirement = revenue_requirement(s, s.networks[0], 110.0, 110.0, 0.0)
    assert requirement - 110 * (0.055 + 0.03) == pytest.approx(110 / 30)


@pytest.mark.parametrize("term", [16, 20])
def test_b12_governments_have_terms_of_their_own(term):
    """0.1.0: an election every 16 quarters; the European Parliament and the French presidency have five years."""
    s = small_state(reversal_probability=0.4)
    government = s.governments[0]
    government.reversal_exposed, government.first_election, government.term_quarters = 1, 9, term
    s.market.in_force = 10_000.0  # a reversal is certain
    assert [t for t in range(70) if reverses(s, 0, t)] == list(range(9, 70, term))


@pytest.mark.parametrize("permits", [0.0, 4.0])
def test_b12_capital_is_spent_once_permits_are_there(permits):
    """0.1.0: all of it at the decision, a year before the first day of work."""
    s = small_state(firms=1, networks=0, permit_quarters=permits, policy_premium_pp=0.0)
    s.owners.budget_meur = 1000.0
    lead = permits / 4
    benefits = 90 * annuity(1, 20, 0.11, lead=2 + lead)
    assert paper(s).value == pytest.approx((benefits - 100 * 1.11**-lead) / 100)


def test_b12_deposits_of_broken_promises_pay_for_the_pacts_office():
    """0.1.0: they were paid to nobody, and were in neither public nor private money."""
    s = small_state(firms=1)
    s.firms[0].candidate, s.pacts[0].sanction = 1, 0.005
    sanction(s, 0, 2)
    assert (s.account[0].sanctions_meur, s.pacts[0].fund_meur) == pytest.approx((1.0, 1.0))
    s.policy.orchestrator = 1.0  # 3.4 MEUR a year
    run_pact(s, 0, 5)
    assert (s.account[0].orchestrator_meur, s.pacts[0].fund_meur) == pytest.approx((0.0, 0.15))
    run_pact(s, 0, 6)
    assert (s.account[0].orchestrator_meur, s.pacts[0].fund_meur) == pytest.approx((0.7, 0.0))


@pytest.mark.parametrize("refusal", [NO_GATE, GATE_BANK, GATE_RATION])
def test_b12_a_firm_that_lenders_refuse_breaks_no_promise(refusal):
    """0.1.0: refused by its bank, it was in breach of its commitment and sanctioned."""
    s = small_state(firms=1)
    firm = s.firms[0]
    s.pacts.transparency, s.pacts.sanction = 1.0, 0.05
    firm.candidate, firm.stage, firm.c2_due, firm.refused = 1, COMMITTED, 8, refusal
    observe_firms(s, 8)
    kept_its_word = refusal != NO_GATE
    assert firm.stage == IDLE
    assert firm.breaches == (0 if kept_its_word else 1)
    assert s.account[0].sanctions_meur == (0.0 if kept_its_word else 5.0)
    assert firm.broken_now.any() == (not kept_its_word)


@pytest.mark.parametrize(("budget", "decided"), [(95.0, True), (85.0, False), (30.0, False)])
@pytest.mark.parametrize("grant", [0.0, 0.4])
def test_b12_old_loans_are_repaid_out_of_means_that_are_there(budget, decided, grant):
    """0.1.0: at a second decision "direct" repayment of 65 MEUR asked nobody whether the owner had them."""
    s = small_state(firms=1, networks=0, options_per_firm=3)
    s.policy.grant_share = grant
    firm = s.firms[0]
    firm.option, firm.switched, firm.stage, firm.candidate, firm.applied = 1, 1, OPERATING, 2, 1
    firm.debt_meur, firm.public_debt_meur = 50.0, 15.0
    s.loans[:] = s.clients[:] = s.financiers.exposure_meur = 50.0
    s.options.emission_kt = [1000.0, 900.0, 10.0]
    s.owners.budget_meur = budget if grant == 0.0 else budget - 30.0  # lenders pay for 70 %, and a grant for the rest
    lend(s, 8)
    assert firm.stage == (FID if decided else OPERATING)
    assert firm.refused == (NO_GATE if decided else GATE_BANK)
    if decided:
        assert (s.account[0].refinanced_meur, s.owners[0].budget_meur) == pytest.approx((65.0, 0.0))
