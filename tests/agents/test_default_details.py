"""R3: what a default undoes, field by field; where the old plant finds its place again; the last payment of a loan."""

import pytest

from clusterpact.agents.chance import DEFAULT, uniform
from clusterpact.agents.default import breaks_down, cash_flow, check_defaults, fail, misses_service
from clusterpact.agents.vocabulary import FAILED, N_KINDS, OPERATING
from tests.worlds.small import NEVER, small_state

FIRST, BEFORE, RUNNING = 0, 1, 2  # rows of firm 0's options
KINDS = range(N_KINDS)


def failing(kind=0, needs_before=0.0, needs_running=0.0, capacity=1000.0, firms=1):
    """Firm 0 replaced its option 1 by its option 2 in quarter 6; the one before and the one that runs need a network."""
    s = small_state(firms=firms, options_per_firm=3, networks=N_KINDS)
    firm, network = s.firms[0], s.networks[kind]
    firm.option, firm.previous_option, firm.switched, firm.stage = RUNNING, BEFORE, 1, OPERATING
    firm.start_quarter, firm.fid_quarter, firm.capex_meur = 6, 3, 80.0
    s.options[BEFORE].volume[kind], s.options[RUNNING].volume[kind] = needs_before, needs_running
    network.capacity, network.used = capacity, needs_running
    firm.booked[kind] = network.booked = needs_running
    return s


def test_a_default_clears_what_was_planned_promised_and_won():
    s = failing(firms=2)
    firm = s.firms[0]
    ends = {"candidate": NEVER, "c1_due": NEVER, "c2_due": NEVER, "c2_lapse": NEVER, "c3_due": NEVER, "start_quarter": NEVER,
            "fid_quarter": NEVER, "choice": 0.0, "available": 0, "strike": 0.0, "running_strike": 0.0, "running_credit": 0.0,
            "debt_meur": 0.0, "public_debt_meur": 0.0, "repayment_meur": 0.0, "debt_service_meur": 0.0,
            "short_quarters": 0, "losing_quarters": 0}  # fmt: skip
    for name in ends:
        setattr(firm, name, 7)
    firm.start_quarter = 6
    neighbour = s.firms[1].copy()
    fail(s, 0, 26)
    assert {name: getattr(firm, name) for name in ends} == ends
    assert (firm.stage, firm.failed_until, firm.failures) == (FAILED, 34, 1)
    assert s.firms[1] == neighbour


def test_a_default_is_counted_and_strands_what_is_left_of_the_projects_life():
    s = failing()
    fail(s, 0, 26)
    assert s.account.defaults.tolist() == [1.0, 0.0]
    assert s.account.stranded_meur.tolist() == pytest.approx([60.0, 0.0])  # 80 MEUR, 5 of 20 years after quarter 6


def test_the_plant_that_comes_back_is_older_by_the_years_of_the_project():
    s = failing()
    s.firms[0].previous_age = 3.0
    fail(s, 0, 26)
    firm = s.firms[0]
    assert (firm.option, firm.switched, firm.campaign_age) == (BEFORE, 1, 8.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("needed", [1.0, 400.0])
def test_the_plant_that_comes_back_books_and_uses_what_it_needs_beyond_the_failed_one(kind, needed):
    s = failing(kind, needed, 0.0)
    fail(s, 0, 26)
    network = s.networks[kind]
    assert (s.firms[0].option, s.firms[0].booked[kind], network.booked, network.used) == (BEFORE, needed, needed, needed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_project_gives_back_what_it_needed_beyond_the_old_plant(kind):
    s = failing(kind, 300.0, 700.0)
    fail(s, 0, 26)
    network = s.networks[kind]
    assert (s.firms[0].option, s.firms[0].booked[kind], network.booked, network.used) == (BEFORE, 300.0, 300.0, 300.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("room", "comes_back"), [(400.0, BEFORE), (399.0, FIRST)])
@pytest.mark.parametrize("taken", ["booked", "extension", "used"])
def test_a_plant_whose_place_was_booked_used_or_is_not_open_yet_does_not_come_back(kind, room, comes_back, taken):
    s = failing(kind, 700.0, 300.0)  # 400 more
    s.networks[kind][taken] = 1000.0 - room - (300.0 if taken == "extension" else 0.0)
    fail(s, 0, 26)
    assert (s.firms[0].option, s.firms[0].previous_option) == (comes_back, comes_back)
    assert s.firms[0].switched == (comes_back != FIRST)


def test_a_single_kilotonne_needs_its_place_too():
    s = failing(0, 1.0, 0.0, capacity=0.5)
    fail(s, 0, 26)
    assert s.firms[0].option == FIRST


def test_what_a_firm_had_booked_for_its_next_project_makes_room_for_its_old_plant():
    s = failing(0, 400.0, 0.0, capacity=400.0)
    s.firms[0].booked[0] = s.networks[0].booked = 400.0
    fail(s, 0, 26)
    assert (s.firms[0].option, s.firms[0].booked[0], s.networks[0].booked) == (BEFORE, 400.0, 400.0)


# Loans.


@pytest.mark.parametrize(("debt", "public"), [(0.9, 0.0), (0.0, 0.9), (5.0, 30.0)])
def test_a_loan_however_small_and_whoever_gave_it_can_be_in_arrears(debt, public):
    s = failing()
    firm = s.firms[0]
    firm.debt_meur, firm.public_debt_meur, firm.debt_service_meur, firm.gva_meur = debt, public, 1.0, 0.0
    firm.previous_option, s.spots[0].price[0] = FIRST, 0.0
    assert [bool(misses_service(s, 0, t)) for t in range(26, 31)] == [False, False, False, True, True]
    firm.debt_service_meur = 0.0
    assert not misses_service(s, 0, 31)


@pytest.mark.parametrize("fields", [{"capex_meur": 0.0}, {"start_quarter": NEVER}, {"switched": 0}])
def test_only_a_project_that_runs_can_fail(fields):
    s = failing()
    s.parameters.default_late_per_year = 4.0
    assert breaks_down(s, 0, 26)
    for name, field in fields.items():
        setattr(s.firms[0], name, field)
    assert not breaks_down(s, 0, 26)


def test_a_failure_comes_only_below_its_chance():
    s = failing()
    s.parameters.default_late_per_year = 4 * uniform(1, 0, DEFAULT, s.firms[0].id, 26)
    assert not breaks_down(s, 0, 26)
    s.parameters.default_late_per_year *= 1 + 1e-9
    assert breaks_down(s, 0, 26)


def test_a_contract_however_low_its_strike_stands_for_the_carbon_price():
    s = failing()
    s.firms[0].previous_option = FIRST
    s.firms[0].running_strike = 0.5
    assert cash_flow(s, 0, 26) == pytest.approx(0.45)  # 0.5 EUR/t for 900 kt


def test_free_allowances_that_are_lost_this_year_come_off_the_cash_flow():
    s = failing()
    s.firms[0].previous_option = FIRST
    s.options[FIRST].allocation_kt, s.options[RUNNING].allocation_kt = 500.0, 200.0
    s.market.free_share[:], s.market.free_share[6] = 0.9, 0.4  # quarter 26 is in the seventh year
    assert cash_flow(s, 0, 26) == pytest.approx(90 - 12)  # 120 kt at 100 EUR/t


@pytest.mark.parametrize("rest", [5e-10, 1e-9])
def test_a_rest_of_a_billionth_is_repaid_with_the_last_payment(rest):
    s = failing()
    s.firms[0].repayment_meur, s.firms[0].debt_meur = 1.0, 1.0 + rest
    check_defaults(s, 26)
    assert s.firms[0].debt_meur == 0.0


def test_the_last_million_is_repaid_in_the_same_steps_as_the_first():
    s = failing()
    s.parameters.default_late_per_year = 0.0
    s.firms[0].repayment_meur, s.firms[0].debt_meur = 0.25, 0.75
    check_defaults(s, 26)
    assert s.firms[0].debt_meur == pytest.approx(0.5)
