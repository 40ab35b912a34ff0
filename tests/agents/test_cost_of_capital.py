"""R3: the cost of capital as a sum of premia, what support takes off it, doubt in networks, and experience."""

import pytest

from clusterpact.agents.cost_of_capital import counterparty_doubt, premia_of, required_return, support_of, supported
from clusterpact.agents.technologies import renewal_cost, update_technologies
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import N_KINDS, NET_BUILDING, NET_OPERATING
from tests.worlds.small import CLEAN, small_state


def cost(s, policy_share=0.0, covered=0.0, guarantee=0.0, concessional=0.0, lender=0):
    """Cost of capital of firm 0's first option with 70 % of debt, per year."""
    option = s.options[1]
    doubt = counterparty_doubt(s, 0, option, lender)
    rate, risk = required_return(s, 0, lender, premia_of(s, option, policy_share, covered), doubt)
    return supported(rate, risk, support_of(s, 0.7, guarantee, concessional))


def test_without_any_risk_capital_costs_the_base_rate():
    assert cost(small_state()) == pytest.approx(0.06)


def test_the_policy_premium_grows_with_doubt_and_with_the_share_of_revenue_that_hangs_on_policy():
    s = small_state()
    s.credibility[0] = 0.8
    assert cost(s, policy_share=0.5) == pytest.approx(0.06 + 0.03 * 0.2 * 0.5)


def test_a_carbon_contract_takes_away_the_policy_premium():
    assert cost(small_state(), policy_share=1.0, covered=1.0) == pytest.approx(0.06)


def test_the_technology_premium_is_scaled_by_the_lenders_appetite():
    s = small_state()
    s.technologies[CLEAN].premium = 0.5
    s.financiers[0].novelty_appetite = 1.2
    assert cost(s) == pytest.approx(0.06 + 0.04 * 0.5 * 1.2)


def test_the_spread_after_defaults_comes_on_top():
    s = small_state()
    s.financiers[0].confidence_pp = 1.5
    assert cost(s) == pytest.approx(0.075)


def test_premia_add_up_and_a_guarantee_takes_its_share_of_them_on_the_debt_above_its_fee():
    s = small_state()
    s.technologies[CLEAN].premium = 1.0
    s.financiers[0].confidence_pp = 1.0
    risk = 0.04 + 0.03 * 0.5 * 0.4 + 0.01  # 5.6 pp
    assert cost(s, policy_share=0.4) == pytest.approx(0.06 + risk)
    assert cost(s, policy_share=0.4, guarantee=0.5) == pytest.approx(0.06 + risk - 0.5 * 0.7 * (risk - 0.005))


@pytest.mark.parametrize(("fee", "relief"), [(0.0, 0.7 * 2.0), (1.5, 0.7 * 0.5), (2.0, 0.0), (2.5, 0.0)])
def test_a_guarantee_that_costs_more_than_the_risk_that_it_takes_is_not_taken_up(fee, relief):
    s = small_state(guarantee_fee_pp=fee)
    s.financiers[0].confidence_pp = 2.0
    assert cost(s, guarantee=1.0) == pytest.approx(0.08 - relief / 100)


def test_a_concessional_share_of_the_debt_is_blended_at_its_own_rate():
    s = small_state()
    s.financiers[0].confidence_pp = 2.0
    assert cost(s, concessional=0.25) == pytest.approx(0.175 * 0.02 + 0.825 * 0.08)  # a quarter of 70 %


def test_guarantee_and_concessional_loan_work_together_on_what_each_reaches():
    s = small_state()
    s.financiers[0].confidence_pp = 2.0
    guaranteed = 0.08 - 0.5 * 0.7 * 0.015
    assert cost(s, guarantee=0.5, concessional=1.0) == pytest.approx(0.7 * 0.02 + 0.3 * guaranteed)


def test_each_lender_asks_for_its_own_return():
    s = small_state(financiers=2)
    s.technologies[CLEAN].premium = 1.0
    s.financiers.base_rate, s.financiers.novelty_appetite, s.financiers.confidence_pp = [0.05, 0.07], [1.0, 0.5], [0.0, 1.0]
    assert [cost(s, lender=f) for f in range(2)] == pytest.approx([0.09, 0.07 + 0.02 + 0.01])


def networked(stage=0, others=200.0):
    s = small_state()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].threshold = stage, 800.0
    s.firms[0].others_volume[0] = others
    return s


def test_doubt_in_an_undecided_network_grows_with_the_volume_that_is_missing():
    s = networked()
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(1 - 0.5 * 600 / 800)
    assert cost(s) == pytest.approx(0.06 + 0.03 * 0.625)


def test_volume_beyond_the_threshold_adds_no_more_confidence():
    s = networked(others=5000.0)
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(0.5)


@pytest.mark.parametrize(("stage", "doubt"), [(NET_BUILDING, 0.5), (NET_OPERATING, 0.0)])
def test_doubt_is_in_the_operator_alone_once_the_network_is_decided_and_gone_once_it_runs(stage, doubt):
    s = networked(stage)
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(doubt)


def test_holding_capacity_on_a_network_in_works_does_not_remove_the_doubt_in_it():
    s = networked(NET_BUILDING)
    s.firms[0].booked[0] = 400.0
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(0.5)


def test_the_worst_of_two_networks_counts():
    s = small_state(networks=2)
    s.options[1].volume[:2] = 100.0
    s.networks.stage = NET_BUILDING
    s.networks[1].kept[1] = 6.0  # trusted (6 + 1) / 8 by lenders
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(0.5)


def test_experience_lowers_the_premium_by_the_experience_rate_per_doubling():
    s = small_state(experience_rate=0.11, outside_projects_per_year=0.0)
    s.technologies[CLEAN].novelty = 1.0
    premia = []
    for decided in (0.0, 1.0, 2.0):  # experience 1, 2, 4
        s.technologies[CLEAN].decided_now = decided
        update_technologies(s, 0)
        premia.append(s.technologies[CLEAN].premium)
    assert premia == pytest.approx([1.0, 0.89, 0.89**2])
    assert s.technologies[CLEAN].decided_now == 0.0


def test_projects_elsewhere_add_experience_from_the_first_year_on_the_market():
    s = small_state(outside_projects_per_year=0.5)
    s.technologies[CLEAN].first_year = 2027.0
    update_technologies(s, 4 * 6)
    assert s.technologies[CLEAN].experience == pytest.approx(1 + 0.5 * 4)  # 2031 less 2027


def test_capital_cost_falls_by_the_learning_rate_per_doubling():
    s = small_state(outside_projects_per_year=1.0)
    s.technologies[CLEAN].learning_exponent = -0.0740005814  # log2(1 - 0.05)
    update_technologies(s, 4)
    assert s.technologies[CLEAN].cost == pytest.approx(0.95)


@pytest.mark.parametrize(("rate", "years", "expected"), [(0.05, 15, 0.096342), (0.08, 20, 0.101852), (0.0, 15, 1 / 15)])
def test_the_capital_recovery_factor_is_the_textbook_annuity(rate, years, expected):
    assert capital_recovery_factor(rate, years) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", range(N_KINDS))
@pytest.mark.parametrize("size", [1.0, 0.001])
def test_doubt_is_for_volume_beyond_what_a_firm_uses_on_whatever_network_however_small(kind, size):
    s = small_state(networks=N_KINDS)
    s.options[0].volume[kind], s.options[1].volume[kind] = 100.0 * size, 500.0 * size
    s.networks[kind].threshold, s.firms[0].others_volume[kind] = 800.0 * size, 200.0 * size
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(1 - 0.5 * 600 / 800)
    s.networks[kind].threshold = 0.0  # it needs no volume, only an operator who keeps his word
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(0.5)


def test_a_renewal_costs_what_is_listed_or_a_share_of_the_plant():
    s = small_state(renewal_share=0.3)
    s.options[0].renewal_meur, s.options[1].greenfield_meur = 40.0, 200.0
    assert [renewal_cost(s, option) for option in s.options[:2]] == pytest.approx([40.0, 60.0])


def test_experience_counts_in_the_quarter_of_a_project_and_otherwise_once_a_year():
    s = small_state(outside_projects_per_year=1.0)
    s.technologies.learning_exponent = -0.0740005814  # log2(1 - 0.05)
    s.technologies[CLEAN].decided_now = 2.0
    update_technologies(s, 5)
    assert list(s.technologies.experience) == [1.0, 4.0]  # a year elsewhere and two projects here
    assert list(s.technologies.cost) == pytest.approx([1.0, 0.95**2])
    update_technologies(s, 8)
    assert list(s.technologies.experience) == [3.0, 5.0]


def test_before_its_first_year_a_technology_gains_no_experience_and_without_learning_no_lower_cost():
    s = small_state(outside_projects_per_year=1.0)
    s.technologies.first_year, s.technologies.cost = [2030.0, 2025.0], 0.8
    update_technologies(s, 4)
    assert list(s.technologies.experience) == [1.0, 2.0]
    assert list(s.technologies.cost) == [1.0, 1.0]


def test_costs_may_also_rise_with_experience():
    s = small_state(outside_projects_per_year=1.0)
    s.technologies[CLEAN].learning_exponent = 1.0
    update_technologies(s, 4)
    assert s.technologies[CLEAN].cost == pytest.approx(2.0)
