"""The account line by line: worked examples of a firm's quarter, of the levels of firms, and of two clusters together."""

import numpy as np
import pytest

from clusterpact.agents.vocabulary import (
    BUILDING,
    BY_FINANCIER,
    BY_FIRM,
    CARBON,
    COMMITTED,
    ELECTRICITY,
    HYDROGEN,
    PLEDGED,
)
from clusterpact.sim.books import (
    account_cluster,
    is_warm,
    keep_accounts,
    levels_of_firms,
    levels_of_others,
    mean_carbon_price,
    open_year,
)
from clusterpact.sim.measures import ACCOUNT_DTYPE
from clusterpact.sim.state import ARRAYS, State
from tests.worlds.small import small_state


def test_the_second_and_third_quarter_of_every_year_are_warm():
    assert [is_warm(t) for t in range(12)] == [False, True, True, False] * 3


def capturing():
    """A firm that emits 120 of 1000 kt, captures 640 and displaces the rest, with a contract, a credit and heat to sell."""
    s = small_state(firms=1)
    firm, option = s.firms[0], s.options[1]
    firm.option, firm.switched, firm.cbam_good, firm.heat_relief_gwh = 1, 1, 1, 10.0
    firm.running_strike, firm.running_credit, firm.contract_kt, firm.credit_kt = 150.0, 30.0, 880.0, 640.0
    firm.guaranteed, firm.debt_meur = 0.8, 60.0
    option.emission_kt, option.captured_kt, option.allocation_kt, option.heat_gwh = 120.0, 640.0, 300.0, 100.0
    option.energy_gwh[ELECTRICITY], option.energy_gwh[HYDROGEN] = 88.0, 44.0
    s.market.free_share[0] = [0.5, 0.25]
    s.market.free_share[1] = [0.4, 0.2]
    s.spots[0].price[CARBON] = 90.0
    s.pacts[0].abated_share = 1.0
    return s


QUARTER = {
    "scope1_kt": 30.0,
    "captured_kt": 160.0,
    "displaced_kt": 60.0,  # (1000 - 120 - 640) / 4
    "ccfd_meur": 13.2,  # (150 - 90) EUR/t on 880 kt avoided a year
    "free_allocation_kt": 18.75,  # a quarter of 300 kt, over four quarters
    "carbon_cost_meur": 1.0125,  # 90 EUR/t on 120 - 75 kt a year
    "tax_credits_meur": 4.8,  # 30 EUR/t on 640 kt a year
    "guarantee_fees_meur": -0.06,  # half a percent a year of 48 MEUR, paid to the state
    "scope2_gwh": 22.0,
    "hydrogen_gwh": 11.0,
    "heat_sold_gwh": 25.5,  # 100 less 8 % on the way, and 10 from a neighbour
    "heat_power_gwh": 0.0,
}


def test_a_quarter_of_a_firm_adds_to_every_line_of_the_account():
    s = capturing()
    account_cluster(s, 0, 0)
    assert {name: float(s.account[0][name]) for name in QUARTER} == pytest.approx(QUARTER)
    assert (s.firms[0].emission_kt, s.firms[0].captured_kt) == (120.0, 640.0)
    assert s.pacts[0].abated_share == pytest.approx(0.88)


def test_a_second_quarter_is_added_to_the_first():
    s = capturing()
    for t in (0, 3):
        account_cluster(s, 0, t)
    twice = {name: 2.0 * value for name, value in QUARTER.items()}
    assert {name: float(s.account[0][name]) for name in QUARTER} == pytest.approx(twice)


def test_in_a_warm_quarter_waste_heat_makes_power_and_neighbours_still_take_theirs():
    s = capturing()
    account_cluster(s, 0, 1)
    assert s.account[0].heat_sold_gwh == pytest.approx(2.5)
    assert s.account[0].heat_power_gwh == pytest.approx(4.5)  # 18 % of 25 GWh


def test_free_allocation_is_that_of_the_year():
    s = capturing()
    account_cluster(s, 0, 4)
    assert s.account[0].free_allocation_kt == pytest.approx(15.0)  # a fifth of 300 kt, a quarter of a year
    assert s.account[0].carbon_cost_meur == pytest.approx(1.35)  # 90 EUR/t on 120 - 60 kt a year


def test_a_cluster_of_less_than_a_kilotonne_abates_too():
    s = small_state(firms=1)
    s.firms.baseline_kt = s.pacts.baseline_kt = 0.8
    s.options[0].emission_kt = 0.2
    s.firms[0].stage = PLEDGED
    keep_accounts(s, 3)
    assert s.pacts[0].abated_share == pytest.approx(0.75)
    assert s.account[0].abated_share == pytest.approx(0.75)
    assert s.account[0].pledged_share == pytest.approx(1.0)


def test_a_cluster_that_emits_nothing_has_no_shares_at_all():
    s = small_state(firms=1)
    s.firms.baseline_kt = s.firms.emission_kt = s.pacts.baseline_kt = s.firms.visibility = 0.0
    s.firms[0].stage, s.firms[0].switched = PLEDGED, 1
    levels_of_firms(s)
    account = s.account[0]
    assert not account.gate.any()
    for name in ("abated_share", "pledged_share", "operating_share", "capability", "hurdle_pct"):
        assert account[name] == 0.0, name


def test_levels_of_firms_count_who_runs_who_is_seen_and_what_each_emitted_at_the_start():
    s = small_state(firms=4)
    firms = s.firms
    firms.baseline_kt, firms.emission_kt, s.pacts.baseline_kt = [500.0, 300.0, 150.0, 50.0], [400.0, 60.0, 90.0, 0.0], 1000.0
    firms.stage, firms.switched, firms.planned = [PLEDGED, BUILDING, COMMITTED, PLEDGED], [0, 1, 0, 0], [0, 1, 0, 1]
    firms.jobs, firms.jobs_multiplier = [10.0, 20.0, 40.0, 80.0], [3.0, 2.0, 1.5, 9.0]
    firms.gva_meur, firms.gva_multiplier = [1.0, 3.0, 5.0, 70.0], [2.0, 3.0, 1.2, 9.0]
    firms.gate = [1, 10, 4, 4]
    firms.visibility, firms.capability = [0.5, 0.3, 0.0, 0.0], [0.3, 0.7, 0.9, 0.9]
    levels_of_firms(s)
    account = s.account[0]
    assert account.abated_share == pytest.approx(0.45)
    # the last firm is announced and not built; the second one was, and runs
    assert (account.jobs_direct, account.jobs_total) == pytest.approx((70.0, 130.0))
    assert (account.gva_meur, account.gva_total_meur) == pytest.approx((9.0, 17.0))
    shares = (account.pledged_share, account.committed_share, account.decided_share, account.operating_share)
    assert shares == pytest.approx((0.55, 0.15, 0.3, 0.3))
    # what plants still emit, by gate: with what is abated, all that was emitted at the start
    assert list(account.gate) == pytest.approx([0.4, 0.0, 0.0, 0.09, 0.0, 0.0, 0.0, 0.0, 0.0, 0.06, 0.0, 0.0])
    assert account.gate.sum() + account.abated_share == pytest.approx(1.0)
    assert account.capability == pytest.approx(0.45)  # (0.5 * 0.3 + 0.3 * 0.7) / 0.8


@pytest.mark.parametrize(
    ("candidates", "expected"), [([-1, -1, -1], 0.0), ([0, -1, -1], 8.0), ([1, 3, -1], 10.0), ([1, 3, 5], 15.0)]
)
def test_the_mean_hurdle_is_that_of_firms_with_a_candidate(candidates, expected):
    s = small_state(firms=3)
    s.firms.candidate, s.firms.hurdle = candidates, [0.08, 0.12, 0.25]
    levels_of_firms(s)
    assert s.account[0].hurdle_pct == pytest.approx(expected)


def two_clusters():
    """A cluster of 3000 kt and one of 1000 kt, whose announced prices rise by 8 and by 10 EUR/t a year; three networks."""
    one = small_state(firms=4, networks=3, base_rate_trust=0.4)
    twice = {name: np.concatenate([getattr(one, name)] * 2) for name in ("pacts", "spots", "market", "policy", "loans")}
    s = State(**{name: getattr(one, name) for name in ARRAYS} | twice)
    s.pacts.baseline_kt = [3000.0, 1000.0]
    s.market.in_force = np.concatenate([100.0 + 8.0 * np.arange(26), 130.0 + 10.0 * np.arange(26)])
    s.spots.price[:, CARBON] = [90.0, 130.0]
    return s


def test_the_carbon_price_of_two_clusters_is_weighted_by_their_emissions():
    assert mean_carbon_price(two_clusters()) == pytest.approx(100.0)  # (3 * 90 + 130) / 4


def test_the_announced_price_is_that_of_five_years_ahead_in_both_clusters():
    s = two_clusters()
    levels_of_others(s, 19)  # the last quarter of 2029: 172 and 220 EUR/t are announced for 2034
    assert s.account[0].announced_price_eur_per_t == pytest.approx(184.0)
    assert s.account[1].announced_price_eur_per_t == 0.0


def test_levels_of_trust_are_means_over_those_who_are_trusted():
    s = two_clusters()
    s.governments.kept[:, BY_FIRM], s.governments.broken[:, BY_FIRM] = [3.0, 0.0, 0.0], [0.0, 2.0, 0.0]
    s.networks.kept[:, BY_FINANCIER], s.networks.broken[:, BY_FINANCIER] = [0.0, 6.0, 0.0], [0.0, 0.0, 2.0]
    s.governments.broken[:, BY_FINANCIER] = s.networks.broken[:, BY_FIRM] = 50.0  # what others think does not count
    s.pacts.mean_trust = [0.3, 0.8]
    levels_of_others(s, 3)
    account = s.account[0]
    assert account.trust_in_governments == pytest.approx((0.76 + 0.2 + 0.4) / 3)  # 3.8 / 5, 0.8 / 4, the base rate
    assert account.trust_in_operators == pytest.approx((0.4 + 0.85 + 0.2) / 3)  # the base rate, 6.8 / 8, 0.8 / 4
    assert account.trust_in_firms == pytest.approx(0.55)


def test_capacity_is_summed_by_kind_of_network():
    s = two_clusters()
    s.networks.kind, s.networks.capacity, s.networks.used = [1, 0, 1], [50.0, 600.0, 70.0], [20.0, 410.0, 3.0]
    levels_of_others(s, 3)
    assert list(s.account[0].network_capacity) == pytest.approx([600.0, 120.0, 0.0, 0.0])
    assert list(s.account[0].network_used) == pytest.approx([410.0, 23.0, 0.0, 0.0])


def test_adopted_instruments_are_counted_however_weak_they_are():
    s = small_state()
    s.adoptions[0].strength, s.adoptions[-1].strength = 0.2, 50.0
    levels_of_others(s, 3)
    assert s.account[0].adopted_instruments == 2.0


def test_every_measure_starts_anew_in_january_and_only_then():
    s = small_state()
    row = s.account_words[: len(ACCOUNT_DTYPE.names)].view(np.float64)
    row[:] = 7.0
    open_year(s, 5)
    assert (row == 7.0).all()
    open_year(s, 8)
    assert (row == 0.0).all()


def test_levels_are_taken_at_the_end_of_the_year_and_networks_are_booked_every_quarter():
    s = small_state()
    s.adoptions[1].strength = 0.3
    s.networks[0].guarantee, s.networks[0].account_meur, s.networks[0].cover_limit_meur = 0.5, 40.0, 100.0
    keep_accounts(s, 6)
    account = s.account[0]
    assert (account.network_cover_meur, account.adopted_instruments, account.jobs_direct) == (20.0, 0.0, 0.0)
    keep_accounts(s, 7)
    assert (account.network_cover_meur, account.adopted_instruments, account.jobs_direct) == (20.0, 1.0, 200.0)


def test_what_the_state_stands_for_is_guaranteed_debt_and_the_cover_of_networks_that_it_has_not_paid():
    s = small_state(firms=2, networks=2)
    s.firms.guaranteed, s.firms.debt_meur = [0.8, 0.0], [60.0, 500.0]
    s.networks.cover_limit_meur, s.networks.covered_meur = [100.0, 40.0], [30.0, 40.0]
    levels_of_firms(s)
    assert s.account[0].guaranteed_meur == pytest.approx(48.0)
    levels_of_others(s, 3)
    assert s.account[0].guaranteed_meur == pytest.approx(48.0 + 70.0)
