"""R8, second half: what closing takes with it, the law, and the record."""

import math

import numpy as np
import pytest

from clusterpact.agents.chance import agent_number
from clusterpact.agents.default import check_defaults
from clusterpact.agents.gates import first_closed_gate
from clusterpact.agents.lending import owe
from clusterpact.agents.links import form_links
from clusterpact.agents.output import close_plants, must_stop
from clusterpact.agents.plant import activity, emission_rate, furnace_gas, work_on_plants
from clusterpact.agents.projects import drop_project
from clusterpact.agents.vocabulary import (
    BUILDING,
    CARBON,
    CLOSED_DOWN,
    GATE_CLOSED,
    IN_PLANNING,
    NATURAL_GAS,
    ON_HOLD,
    OPERATING,
)
from clusterpact.sim.books import keep_accounts
from clusterpact.sim.tables import read_tables
from tests.agents.output_worlds import (
    PLANTS,
    SECTORS,
    YEARS,
    audited,
    by_law,
    gases,
    moved,
    shut,
    standing,
    sure,
)
from tests.worlds.small import NEVER, small_state


@pytest.fixture(scope="module")
def record():
    """By sector, 400 plants over 30 years without policy and carbon price: ln(output), and the year of closing (or 30)."""
    table = read_tables().output
    s = small_state(firms=PLANTS * len(SECTORS), networks=0, financiers=0, output_noise=1.0, closure_level=1.0)
    s.spots[0].price[CARBON] = 0.0
    for k, sector in enumerate(SECTORS):
        part = s.firms[k * PLANTS : (k + 1) * PLANTS]
        part.product, part.output_spread = agent_number(sector), table[sector].output_spread_per_year
        part.closure_per_year = table[sector].closure_per_year
    still = s.copy()
    still.parameters.closure_level = 0.0  # so that what all 400 make can be followed to the end
    log = np.log(np.vstack([np.ones(s.firms.size), moved(still, YEARS)]))
    for t in range(4 * YEARS):
        close_plants(s, t)
    closed = np.where(s.firms.stage == CLOSED_DOWN, s.firms.closed_quarter / 4, YEARS)
    parts = [slice(k * PLANTS, (k + 1) * PLANTS) for k in range(len(SECTORS))]
    return {sector: (log[:, part], closed[part]) for sector, part in zip(SECTORS, parts, strict=True)}


def test_a_unit_whose_project_ends_while_it_waits_closes():
    s = by_law(project=1)
    close_plants(s, 8)
    drop_project(s, 0, 8)
    close_plants(s, 9)
    assert (s.firms[0].stage, s.firms[0].closed_quarter) == (CLOSED_DOWN, 9)


def test_a_unit_that_turned_to_something_else_runs_on():
    s = by_law(candidate=1, stage=BUILDING, ready_quarter=10)
    for t in range(8, 15):
        close_plants(s, t)
        work_on_plants(s, t)
    firm = s.firms[0]
    assert (firm.stage, firm.option, firm.stopped, activity(firm)) == (OPERATING, 1, 0, 1.0)
    assert not must_stop(firm, 99)


def test_what_was_only_added_to_goes_with_what_the_law_ends():
    s = by_law(candidate=1, stage=BUILDING, ready_quarter=10)
    s.options[1].is_increment = 1
    for t in range(8, 15):
        close_plants(s, t)
        work_on_plants(s, t)
    assert (s.firms[0].stage, s.firms[0].closed_quarter) == (CLOSED_DOWN, 11)


def test_lenders_write_the_loans_of_a_unit_that_closes_down():
    s = standing()
    firm, lender = s.firms[0], s.financiers[0]
    firm.debt_meur, firm.public_debt_meur, firm.guaranteed = 50.0, 10.0, 0.25
    owe(s, 0, 0, 0, 50.0)
    shut(s)
    assert (firm.debt_meur, firm.public_debt_meur, lender.exposure_meur, s.loans[0]) == (0.0, 0.0, 0.0, 0.0)
    assert (lender.npl_meur, lender.capital_meur) == pytest.approx((50.0, 10_000 - 0.2 * 0.75 * 50))
    assert s.account[0].guarantee_calls_meur == pytest.approx(0.2 * (0.25 * 50 + 10))
    assert (s.account[0].defaults, s.account[0].closures) == (1.0, 1.0)
    assert s.account[0].stranded_meur == pytest.approx(50.0)  # ten of twenty years are left of 100 MEUR
    audited(s)


def test_a_unit_without_loans_defaults_on_none():
    s = standing()
    shut(s)
    assert s.account[0].defaults == 0.0


def test_what_the_owner_raised_on_its_balance_sheet_stays_to_be_repaid():
    s = standing(default_late_per_year=0.0)
    firm, owner = s.firms[0], s.owners[0]
    firm.corporate_debt_meur = owner.debt_meur = 30.0
    firm.repayment_meur = 1.0
    shut(s)
    assert (firm.corporate_debt_meur, owner.debt_meur) == (30.0, 30.0)
    check_defaults(s, 40)
    assert (firm.corporate_debt_meur, owner.debt_meur) == pytest.approx((29.0, 29.0))
    audited(s)


def test_network_capacity_is_given_back():
    s = standing()
    s.networks[0].booked, s.firms[1].booked[0] = 500.0, 100.0
    shut(s)
    assert (s.networks[0].booked, s.networks[0].used, s.firms[0].booked[0]) == (100.0, 0.0, 0.0)
    audited(s)


def test_jobs_value_added_and_emissions_go():
    s = standing()
    shut(s)
    keep_accounts(s, 43)
    account = s.account[0]
    assert (account.jobs_direct, account.jobs_total, account.gva_meur, account.gva_total_meur) == (100.0, 300.0, 50.0, 100.0)
    assert (s.firms[0].emission_kt, account.operating_share) == (0.0, 0.0)
    assert (account.closed_share, account.switched_share) == (0.5, 0.0)  # it had switched: now it has closed
    assert first_closed_gate(s, s.firms[0], 43) == GATE_CLOSED


@pytest.mark.parametrize(("before", "after"), [(70.0, 50.0), (15.0, 0.0)])
def test_its_owner_loses_the_surplus_of_the_unit_and_no_more_than_it_has(before, after):
    s = standing()
    s.owners.cash_flow_meur = before
    shut(s)
    assert list(s.owners.cash_flow_meur) == pytest.approx([after, before])  # 0.4 of 50 MEUR/year


def test_promises_contract_and_credit_are_gone():
    s = standing()
    firm = s.firms[0]
    firm.c1_due, firm.c2_due, firm.c3_due, firm.running_strike, firm.running_credit = 45, 46, 47, 90.0, 30.0
    firm.candidate, firm.strike = 1, 80.0
    shut(s)
    assert (firm.c1_due, firm.c2_due, firm.c3_due, firm.candidate) == (NEVER, NEVER, NEVER, NEVER)
    assert (firm.strike, firm.running_strike, firm.running_credit) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("stage", "project"), [(IN_PLANNING, 1), (ON_HOLD, NEVER)])
def test_its_plans_are_given_up_with_it(stage, project):
    s = sure(firms=1, pipeline=1)
    s.pipeline[0].option, s.pipeline[0].stage = 1, stage
    s.firms[0].pipeline, s.firms[0].project = 0, project
    close_plants(s, 6)
    assert (s.firms[0].stage, s.firms[0].pipeline, s.firms[0].project) == (CLOSED_DOWN, NEVER, NEVER)
    assert s.pipeline[0].dropped_quarter == 6


@pytest.mark.parametrize("party", [0, 1])
def test_heat_links_of_a_closed_plant_end_for_good(party):
    s = small_state(links=1)
    s.links[0].source, s.links[0].sink, s.links[0].heat_gwh, s.links[0].formed_quarter = 0, 1, 94.0, 0
    s.options[2].energy_gwh[NATURAL_GAS], s.firms[1].heat_relief_gwh = 500.0, 94.0
    s.firms[party].last_quarter = 7
    close_plants(s, 8)
    form_links(s, 8)
    assert (s.links[0].ended, s.firms[1].heat_relief_gwh) == (1, 0.0)
    form_links(s, 10)
    assert s.firms[1].heat_relief_gwh == 0.0


@pytest.mark.parametrize(("closed", "left"), [((), 300.0), ((0,), 150.0), ((1,), 150.0), ((0, 1), 0.0)])
def test_a_works_that_closed_gives_no_gases(closed, left):
    s = gases()
    s.firms.last_quarter[list(closed)] = 7
    close_plants(s, 8)
    assert furnace_gas(s, s.firms[2]) == pytest.approx(left)
    assert emission_rate(s, s.firms[2]) == pytest.approx(1000.0 + left)


def test_what_a_closed_station_burnt_is_flared():
    s = gases()
    s.firms[2].last_quarter = 7
    close_plants(s, 8)
    assert emission_rate(s, s.firms[2]) == pytest.approx(300.0)


def test_gases_follow_what_the_furnaces_make():
    s = gases()
    s.firms[0].output = s.firms[1].output = 0.8
    s.firms[2].output = 0.5
    assert emission_rate(s, s.firms[2]) == pytest.approx(500.0 + 240.0)


@pytest.mark.horizon
@pytest.mark.parametrize("sector", SECTORS)
def test_plants_close_as_often_as_the_record_says(record, sector):
    row, closed = read_tables().output[sector], record[sector][1]
    hazard = (closed < YEARS).sum() / closed.sum()
    assert row.closure_low_per_year < hazard < row.closure_high_per_year
    error = math.sqrt(row.closure_per_year / (PLANTS * YEARS))
    assert hazard == pytest.approx(row.closure_per_year, abs=3 * error)


@pytest.mark.horizon
@pytest.mark.parametrize("sector", SECTORS)
def test_output_changes_as_much_from_year_to_year_as_the_record_says(record, sector):
    spread = np.diff(record[sector][0], axis=0).std()
    assert spread == pytest.approx(read_tables().output[sector].output_spread_per_year, rel=0.05)


@pytest.mark.horizon
def test_changes_swing_back_and_add_up_as_the_record_says(record):
    """Of verified emissions: an autocorrelation of yearly changes of -0.10, a spread over 5 years of 1.84 times a year's.

    In the first years output is nearer to what it was at the start, so they are left out.
    """
    own = [log[10:] - log[10:].mean(axis=1, keepdims=True) for log, _ in record.values()]  # a crisis is not a plant's own
    log = np.hstack([log / log.std() for log in own])
    yearly, five = np.diff(log, axis=0), log[5:] - log[:-5]
    assert np.corrcoef(yearly[1:].ravel(), yearly[:-1].ravel())[0, 1] == pytest.approx(-0.10, abs=0.02)
    assert five.std() / yearly.std() == pytest.approx(1.84, abs=0.04)


@pytest.mark.horizon
def test_most_changes_are_small_and_a_few_are_large(record):
    """1.4826 times the median deviation, per standard deviation, is one for normal changes; the record has 0.087 / 0.190."""
    changes = np.hstack([np.diff(log, axis=0).ravel() / np.diff(log, axis=0).std() for log, _ in record.values()])
    robust = 1.4826 * np.median(np.abs(changes - np.median(changes)))
    assert robust == pytest.approx(0.0875 / 0.190, abs=0.03)


@pytest.mark.horizon
def test_on_average_plants_make_what_they_made(record):
    made = np.exp(np.hstack([log[1:] for log, _ in record.values()]))
    assert made.mean() == pytest.approx(1.0, abs=0.04)  # what plants share does not average out in one history
