"""Debt service and the plant's own surplus: a loan is in arrears only if cash flow and surplus together fall short."""

import pytest

from clusterpact.agents.default import cash_flow, check_defaults
from clusterpact.agents.lending import owe
from clusterpact.agents.vocabulary import OPERATING
from tests.worlds.small import small_state

QUIET = {"default_early_per_year": 0.0, "default_late_per_year": 0.0}


def borrower(price=10.0, surplus_share=0.5, gva=2.0, service=10.0):
    """Firm 0 runs its option 1 on a loan: price * 900 kt of cash flow, 9 MEUR/year at 10 EUR/t, and 1 of surplus."""
    s = small_state(firms=2, surplus_share=surplus_share, **QUIET)
    s.spots[0].price[0] = price
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage = 1, 0, 1, OPERATING
    firm.start_quarter, firm.fid_quarter, firm.gva_meur = 0, 0, gva
    firm.debt_meur, firm.repayment_meur, firm.debt_service_meur = 600.0, 1.0, service
    owe(s, 0, 0, 0, 600.0)
    return s


def short_after(s, quarters=1):
    for t in range(1, quarters + 1):
        check_defaults(s, t)
    return s.firms[0].short_quarters


def test_means_that_just_meet_the_debt_service_are_not_short():
    assert short_after(borrower()) == 0  # 10 * 0.9 + 0.5 * 2 = 10


@pytest.mark.parametrize(
    "lacking",
    [{"price": 9.999}, {"surplus_share": 0.499}, {"gva": 1.999}, {"service": 10.001}],
    ids=lambda lacking: next(iter(lacking)),
)
def test_means_just_below_it_are_short(lacking):
    assert short_after(borrower(**lacking)) == 1


def test_without_a_share_of_the_surplus_the_project_alone_must_pay():
    assert short_after(borrower(surplus_share=0.0, gva=1e6)) == 1
    assert short_after(borrower(surplus_share=0.0, service=9.0)) == 0


def test_a_plant_without_value_added_has_no_surplus():
    assert short_after(borrower(gva=0.0)) == 1


def test_the_surplus_of_a_plant_carries_a_project_that_loses_money():
    """35 % of value added: 17.5 of 50 MEUR/year, against 9 - 16.5 = -7.5 of the project."""
    s = borrower(surplus_share=0.35, gva=50.0)
    s.options[1].opex_meur = 16.5
    assert cash_flow(s, 0, 1) == pytest.approx(-7.5)  # the surplus is no part of the project's cash flow
    assert short_after(s) == 0
    s.options[1].opex_meur = 16.6
    assert short_after(s) == 1


def test_a_year_of_arrears_is_a_default():
    s = borrower(price=9.999)
    assert short_after(s, 3) == 3
    assert (s.firms[0].stage, s.account[0].defaults) == (OPERATING, 0.0)
    check_defaults(s, 4)
    assert (s.firms[0].debt_meur, s.account[0].defaults) == (0.0, 1.0)


def test_a_project_that_just_pays_never_defaults():
    s = borrower()
    assert short_after(s, 40) == 0
    assert (s.firms[0].debt_meur, s.account[0].defaults) == (pytest.approx(560.0), 0.0)


def test_one_quarter_of_enough_means_starts_the_count_anew():
    s = borrower(price=9.999)
    short_after(s, 3)
    s.spots[0].price[0] = 10.0
    check_defaults(s, 4)
    assert (s.firms[0].short_quarters, s.firms[0].stage) == (0, OPERATING)


def test_a_value_added_that_is_negative_eats_into_the_cash_flow():
    assert short_after(borrower(gva=-2.0, service=8.0)) == 0  # 9 - 1
    assert short_after(borrower(gva=-2.0, service=8.001)) == 1
