"""What a switch brings and costs a year, and the support in force: each carrier, each network, the year's policy."""

import numpy as np
import pytest

from clusterpact.agents.support import contract_budget, contract_payment, instrument_levels, network_guarantee, policy_of
from clusterpact.agents.switching import expected_tariffs, running_cost, switch_between, tariffs_paid
from clusterpact.agents.vocabulary import CARBON, N_CARRIERS, N_KINDS, NET_OPERATING
from tests.worlds.small import small_state


@pytest.mark.parametrize("carrier", range(N_CARRIERS))
def test_every_carrier_costs_its_price_but_carbon_which_is_counted_by_the_tonne(carrier):
    s = small_state()
    option = s.options[0]
    option.opex_meur, option.energy_gwh[carrier] = 7.0, 300.0
    prices = np.zeros(N_CARRIERS)
    prices[carrier] = 50.0
    assert running_cost(option, prices) == pytest.approx(7.0 if carrier == CARBON else 7.0 + 15.0)


def test_a_switch_is_the_difference_of_two_options_under_the_policy_of_its_year():
    s = small_state()
    before, after = s.options[:2]
    before.emission_kt, before.captured_kt, before.allocation_kt = 900.0, 50.0, 800.0
    after.emission_kt, after.captured_kt, after.allocation_kt, after.opex_meur = 200.0, 350.0, 150.0, 31.0
    s.policy.green_premium_eur_per_t, s.policy.capture_credit_eur_per_t = np.arange(26.0), 10.0 * np.arange(26.0)
    found = switch_between(s, s.firms[0], before, after, 19.0, np.zeros(N_CARRIERS), 4 * 3 + 2)
    assert tuple(found) == pytest.approx((700.0, 300.0, 650.0, 12.0, 3.0, 30 * 0.3))  # fourth year: 3 and 30 EUR/t


@pytest.mark.parametrize("kind", range(N_KINDS))
@pytest.mark.parametrize(("before", "after", "charge"), [(100.0, 400.0, 8.1), (400.0, 100.0, -8.1), (6.0, 7.0, 0.027)])
def test_tariffs_in_force_are_paid_for_the_difference_in_volume_on_every_kind_of_network(kind, before, after, charge):
    s = small_state(networks=N_KINDS)
    firm = s.firms[0]
    s.options[0].volume[kind], s.options[1].volume[kind] = before, after
    s.networks.stage, s.networks[kind].tariff, s.networks[kind].service = NET_OPERATING, 20.0, 7.0
    assert tariffs_paid(s, firm, s.options[0], s.options[1]) == pytest.approx(charge)
    assert expected_tariffs(s, 0, s.options[1], False) == pytest.approx(charge)
    firm.network[kind] = -1
    assert tariffs_paid(s, firm, s.options[0], s.options[1]) == 0.0


@pytest.mark.parametrize(("before", "full", "charge"), [
    (0.0, False, 0.4 * 35500 / 700),  # 300 of others and 400 of its own
    (0.0, True, 0.4 * 35.5),  # the whole phase of 1000, whoever brings it
    (600.0, False, -0.2 * 35500 / 300),  # it leaves: the tariff that the others pay is what it saves
])  # fmt: skip
def test_before_the_decision_a_firm_expects_the_cost_spread_over_others_and_itself(before, full, charge):
    s = small_state(networks=1)
    s.networks[0].tariff_cap = 1e9
    s.options[0].volume[0], s.options[1].volume[0], s.firms[0].others_volume[0] = before, 400.0, 300.0
    assert expected_tariffs(s, 0, s.options[1], full) == pytest.approx(charge)  # 35.5 MEUR/year for a phase of 300 MEUR


def test_a_policy_is_that_of_the_year():
    s = small_state()
    s.policy.grant_share = np.arange(26.0)
    assert [policy_of(s, 0, t).grant_share for t in (0, 3, 4, 14)] == [0.0, 0.0, 1.0, 3.0]


def test_frozen_awards_bring_no_support_at_all():
    s = small_state()
    s.policy.grant_share, s.policy.loan_guarantee_share, s.policy.concessional_share = 0.1, 0.2, 0.3
    s.policy.infrastructure_guarantee_share, s.policy.ccfd_budget_meur_per_year = 0.4, 5.0
    s.governments[1].frozen_until = 8
    assert (
        instrument_levels(s, s.firms[0], 7),
        network_guarantee(s, s.networks[0], 300.0, 7),
        contract_budget(s, 0, 7),
    ) == (
        (0.0, 0.0, 0.0),
        0.0,
        0.0,
    )
    assert (
        instrument_levels(s, s.firms[0], 8),
        network_guarantee(s, s.networks[0], 300.0, 8),
        contract_budget(s, 0, 8),
    ) == (
        (0.1, 0.2, 0.3),
        0.4,
        5.0,
    )


@pytest.mark.parametrize(("strike", "price", "payment"), [(130, 90, 7.0), (90, 130, -7.0), (0.9, 0.5, 0.07), (0, 90, 0.0)])
def test_a_contract_pays_the_gap_between_strike_and_price_by_the_quarter_and_is_paid_back_above_it(strike, price, payment):
    s = small_state()
    firm = s.firms[0]
    firm.running_strike, firm.contract_kt = strike, 700.0
    s.spots[0].price[CARBON] = price
    assert contract_payment(s, firm) == pytest.approx(payment)
    firm.option, firm.previous_option = 1, 0  # 900 kt/year are avoided by now: the contract is for those that won it
    assert contract_payment(s, firm) == pytest.approx(payment)
