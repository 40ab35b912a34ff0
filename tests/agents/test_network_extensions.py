"""R5: what an extension costs, who lends for it, and who carries it where nobody does."""

import pytest

from clusterpact.agents.chance import DELAY, uniform
from clusterpact.agents.lending import client_of_network, owe
from clusterpact.agents.networks import extend, extend_networks, extends
from clusterpact.agents.vocabulary import COMMITTED, NET_OPERATING, NETWORK_SUPPORT
from tests.worlds.small import NEVER, small_state

COST = 300 * 1.45**0.6 - 300  # 450 more than 1000: 75 MEUR
REQUIREMENT = COST * (0.055 + 1 / 30 + 0.03)
CRF_30 = 0.06 / (1 - 1.06**-30)  # debt at 6 % + 1.5 points of policy risk - 1.5 points
DEBT = (REQUIREMENT * 200 / 300 - 0.03 * COST) / (1.3 * CRF_30)  # of 300 signed, 200 are believed


def waiting(financiers=1, networks=1, invested=300.0, **parameters):
    """Full networks of 1000 for which 300 more are signed; the operator believes 200 of them."""
    s = small_state(financiers=financiers, networks=networks, **parameters)
    s.networks.stage, s.networks.capacity, s.networks.booked, s.networks.season = NET_OPERATING, 1000.0, 1000.0, 1
    s.networks.signed, s.networks.believed, s.networks.tariff_cap = 300.0, 200.0, 1000.0
    s.networks.invested_meur = s.networks.asset_base_meur = s.networks.equity_meur = invested
    s.networks.fid_quarter = 0
    return s


def with_debt(s, lender, debt):
    """The same, with a loan of a lender still to be repaid."""
    s.networks[0].debt_meur, s.networks[0].equity_meur = debt, 300.0 - debt
    owe(s, lender, len(s.firms), client_of_network(s, 0), debt)
    return s


@pytest.mark.parametrize(("signed", "grows"), [(150.0, True), (149.9, False)])
def test_fifteen_percent_of_the_first_phase_starts_an_extension(signed, grows):
    s = waiting()
    s.networks[0].signed = signed
    assert bool(extends(s, 0, 9)) is grows


def test_an_extension_stays_within_the_limit_of_the_network():
    s = waiting()
    s.networks[0].limit = 1200.0
    extend(s, 0, 9)
    assert (s.networks[0].capacity, s.networks[0].extension) == (1200.0, 200.0)
    assert s.networks[0].invested_meur == pytest.approx(300 * 1.2**0.6)


def test_a_lender_carries_what_the_believed_volume_serves():
    s = waiting()
    extend(s, 0, 9)
    network = s.networks[0]
    assert network.debt_meur == pytest.approx(DEBT)
    assert network.repayment_meur == pytest.approx(DEBT / 120)
    assert network.equity_meur == pytest.approx(300 + COST - DEBT)
    assert s.financiers[0].exposure_meur == pytest.approx(DEBT)


@pytest.mark.parametrize("lender", [0, 1])
@pytest.mark.parametrize("debt", [50.0, 0.5])
def test_the_cheapest_lender_finances_an_extension_whoever_lent_before(lender, debt):
    s = with_debt(waiting(financiers=2), lender, debt)
    s.financiers[1].base_rate = 0.08
    extend(s, 0, 9)
    owed = [DEBT, 0.0]
    owed[lender] += debt
    assert s.networks[0].debt_meur == pytest.approx(debt + DEBT)
    assert s.financiers.exposure_meur.tolist() == pytest.approx(owed)
    assert s.loans.reshape(3, 2)[2].tolist() == pytest.approx(owed)


def test_what_an_operator_owes_counts_against_its_lenders_limit():
    s = with_debt(waiting(), 0, 50.0)
    s.financiers[0].capital_meur = 260.0  # 65 MEUR to one client: 15 more
    extend(s, 0, 9)
    assert s.networks[0].debt_meur == pytest.approx(65.0)
    assert s.networks[0].equity_meur == pytest.approx(250 + COST - 15)


def test_an_operator_needs_no_lender():
    s = waiting(financiers=0)
    extend(s, 0, 9)
    assert (s.networks[0].capacity, s.networks[0].debt_meur) == (1450.0, 0.0)
    assert s.networks[0].equity_meur == pytest.approx(300 + COST)


def test_the_grant_of_the_first_phase_takes_nothing_from_the_depreciation_of_an_extension():
    s = waiting()
    s.networks[0].granted_meur = 150.0
    s.networks[0].tariff_cap = 0.9999 * 1000 * REQUIREMENT / 450
    extend(s, 0, 9)  # users could pay for it only if the grant were given again
    assert s.networks[0].capacity == 1000.0


@pytest.mark.parametrize("level", [0.9, 1.2])
def test_an_extension_costs_more_where_all_capital_does(level):
    s = waiting(capex_level=level)
    extend(s, 0, 9)
    assert s.networks[0].invested_meur == pytest.approx(300 + level * COST)


def first_works():
    """A network with spare capacity from the start, about to build for the first time."""
    s = waiting(invested=0.0)
    s.networks[0].fid_quarter, s.parameters.delay_mean_quarters = NEVER, 8.0
    return s


def test_the_first_works_of_a_network_with_spare_capacity_take_its_lead_time_and_a_delay():
    s = first_works()
    extend(s, 0, 9)
    network = s.networks[0]
    late = sum(uniform(1, 0, DELAY, network.id, 0) >= 1 - (8 / 9) ** quarters for quarters in range(1, 200))
    assert (network.fid_quarter, network.planned_quarter, network.ready_quarter) == (9, 21, 21 + late)
    assert network.extension_ready == 21 + late
    network.extension, network.signed = 0.0, 300.0
    extend(s, 0, 30)
    assert (network.fid_quarter, network.extension_ready) == (9, 38)  # a later step takes two years


@pytest.mark.parametrize(("budget", "share"), [(100.0, 0.5), (15.0, 15 / COST)])
def test_first_works_are_guaranteed_within_the_places_budget(budget, share):
    s = first_works()
    s.policy.infrastructure_guarantee_share, s.pacts.budget_left_meur = 0.5, budget
    extend(s, 0, 9)
    assert (s.networks[0].guarantee, s.networks[0].cover_limit_meur) == pytest.approx((share, share * COST))
    assert s.pacts[0].budget_left_meur[NETWORK_SUPPORT] == pytest.approx(budget - share * COST)


def test_an_extension_gives_signed_firms_their_room_and_a_date():
    s = waiting()
    s.options[1].volume[0] = 300.0
    s.firms[0].candidate, s.firms[0].stage = 1, COMMITTED
    extend(s, 0, 9)
    assert (s.firms[0].booked[0], s.firms[0].c2_due) == (300.0, 17)


def test_every_network_that_needs_more_capacity_extends():
    s = waiting(networks=3)
    s.networks.season = [1, 0, 1]
    extend_networks(s, 9)
    assert s.networks.extension.tolist() == [450.0, 0.0, 450.0]
    assert s.networks.extension_ready.tolist() == [17, -1, 17]
