"""R3: the cost of capital as a sum of premia, the cheapest lender, and experience."""

import pytest

from clusterpact.agents.cost_of_capital import cheapest_lender, counterparty_doubt, owe, room, wacc
from clusterpact.agents.technologies import renewal_cost, update_technologies
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import N_KINDS, NET_BUILDING, NET_OPERATING
from tests.worlds.small import CLEAN, small_state


def cost(s, policy_share=0.0, covered=0.0, guarantee=0.0, concessional=0.0, lender=0):
    return wacc(s, 0, s.options[1], lender, policy_share, covered, guarantee, concessional)


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


def test_premia_add_up_and_a_guarantee_takes_its_share_of_all_of_them():
    s = small_state()
    s.technologies[CLEAN].premium = 1.0
    s.financiers[0].confidence_pp = 1.0
    risk = 0.04 + 0.03 * 0.5 * 0.4 + 0.01  # 5.6 pp
    assert cost(s, policy_share=0.4) == pytest.approx(0.06 + risk)
    assert cost(s, policy_share=0.4, guarantee=0.75) == pytest.approx(0.06 + 0.25 * risk)


def test_a_concessional_share_is_blended_at_its_own_rate():
    s = small_state()
    s.financiers[0].confidence_pp = 2.0
    assert cost(s, concessional=0.25) == pytest.approx(0.25 * 0.02 + 0.75 * 0.08)


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


def cheapest(s, capex=100.0):
    return cheapest_lender(s, 0, s.options[1], capex, 0.0, 0.0, 0)


def test_the_cheapest_lender_is_chosen_among_those_whose_ticket_fits():
    s = small_state(financiers=3)
    s.financiers.base_rate = [0.06, 0.04, 0.05]
    s.financiers[1].ticket_min_meur = 71.0  # the largest debt is 0.7 * 100
    assert cheapest(s) == (2, pytest.approx(0.05))
    assert cheapest(s, capex=200.0) == (1, pytest.approx(0.04))


def test_where_every_ticket_is_too_small_the_largest_one_lends_what_it_may():
    s = small_state(financiers=3)
    s.financiers.ticket_max_meur = [50.0, 69.0, 60.0]  # the largest debt is 70
    s.financiers.base_rate = [0.04, 0.07, 0.05]
    assert cheapest(s) == (1, pytest.approx(0.07))


def test_a_ticket_that_fits_beats_a_cheaper_one_that_does_not():
    s = small_state(financiers=3)
    s.financiers.ticket_max_meur = [69.0, 70.0, 500.0]
    s.financiers.base_rate = [0.03, 0.06, 0.05]
    assert cheapest(s) == (2, pytest.approx(0.05))


def test_below_every_smallest_ticket_there_is_no_lender_and_the_first_ones_rate():
    s = small_state(financiers=2)
    s.financiers.ticket_min_meur = 71.0
    s.financiers.base_rate = [0.07, 0.05]
    assert cheapest(s) == (-1, pytest.approx(0.07))


def test_without_any_lender_the_regulated_return_stands_in():
    assert cheapest(small_state(financiers=0)) == (-1, pytest.approx(0.055))


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


def test_loans_count_for_the_lender_that_gave_them():
    s = small_state(financiers=3, connected_limit=0.25)
    owe(s, 1, 0, 300.0)
    owe(s, -1, 0, 99.0)  # nobody lends
    assert list(s.loans) == [0.0, 300.0, 0.0]
    assert list(s.financiers.exposure_meur) == [0.0, 300.0, 0.0]
    s.financiers[1].npl_meur = 40.0
    assert [room(s, f, 0) for f in range(3)] == [2500.0, 2160.0, 2500.0]  # a quarter of 10,000 MEUR, less what is out
    s.financiers[1].capital_meur, s.financiers[1].exposure_meur = 2000.0, 1950.0
    assert room(s, 1, 0) == 10.0  # its capital is lent elsewhere


@pytest.mark.parametrize("kind", range(N_KINDS))
@pytest.mark.parametrize("size", [1.0, 0.001])
def test_doubt_is_for_volume_beyond_what_a_firm_uses_on_whatever_network_however_small(kind, size):
    s = small_state(networks=N_KINDS)
    s.options[0].volume[kind], s.options[1].volume[kind] = 100.0 * size, 500.0 * size
    s.networks[kind].threshold, s.firms[0].others_volume[kind] = 800.0 * size, 200.0 * size
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(1 - 0.5 * 600 / 800)
    s.networks[kind].threshold = 0.0  # it needs no volume, only an operator who keeps his word
    assert counterparty_doubt(s, 0, s.options[1], 0) == pytest.approx(0.5)


def test_a_debt_just_as_large_as_the_smallest_or_the_largest_ticket_fits():
    s = small_state(financiers=2)
    s.financiers.base_rate = [0.05, 0.06]
    s.financiers[0].ticket_min_meur = 70.0
    assert cheapest(s) == (0, pytest.approx(0.05))
    s.financiers.ticket_max_meur = [69.0, 70.0]
    s.financiers[0].ticket_min_meur = 0.0
    assert cheapest(s) == (1, pytest.approx(0.06))
    s.financiers.ticket_max_meur = [70.0, 500.0]
    assert cheapest(s) == (0, pytest.approx(0.05))


@pytest.mark.parametrize(("tickets", "largest"), [([69, 50, 60], 0), ([50, 60, 69], 2), ([50, 69, 69], 1), ([0, 0, 0.5], 2)])
def test_the_first_of_the_largest_tickets_lends_where_none_fits(tickets, largest):
    s = small_state(financiers=3)
    s.financiers.ticket_max_meur, s.financiers.base_rate = tickets, [0.04, 0.05, 0.07]
    assert cheapest(s) == (largest, pytest.approx([0.04, 0.05, 0.07][largest]))


def test_a_lender_that_lends_no_more_is_not_asked():
    s = small_state(financiers=1)
    s.financiers[0].ticket_max_meur, s.financiers[0].base_rate = 0.0, 0.07
    assert cheapest(s) == (-1, pytest.approx(0.07))  # its rate still says what capital costs, rather than 5.5 %


def test_of_equal_lenders_the_first_one_lends():
    assert cheapest(small_state(financiers=2))[0] == 0


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
