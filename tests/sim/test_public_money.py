"""Public money is complete: every public euro stands in exactly one line, public EUR per tonne holds it, and budgets hold.

Payments are counted again from the records of those who get or owe them, quarter by quarter, and set against the account.
"""

from collections import defaultdict

import numpy as np
import pytest

from clusterpact.agents.support import policy_of
from clusterpact.agents.vocabulary import (
    BUDGET_LINES,
    CARBON,
    CLOSED_DOWN,
    CONCESSIONAL,
    CREDITS,
    GRANTS,
    GUARANTEES,
    NETWORK_SUPPORT,
    ORCHESTRATOR,
)
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package, library_package
from clusterpact.results.store import outcome_columns
from clusterpact.sim.measures import MEASURES, PRIVATE_LINES, PUBLIC_LINES
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.runs import simulate
from clusterpact.sim.world import build_world, parameter_records

pytestmark = pytest.mark.horizon
YEARS = (2025, 2050)
#: Money that is neither public nor private cost: what others pay for, moves between firms and lenders, or is paid back.
ELSEWHERE = {
    "carbon_cost_meur", "project_capex_meur", "concessional_meur", "network_capex_meur", "renewal_meur", "stranded_meur",
    "refinanced_meur", "overrun_meur",
}  # fmt: skip
#: Boards that decide, and networks that come soon.
EAGER = {"capability_start": 0.7, "choice_sharpness": 30.0, "threshold_share": 0.5, "carbon_price_level": 1.0,
         "default_early_per_year": 0.03, "default_late_per_year": 0.01}  # fmt: skip


def everything(**budgets):
    """A package with every instrument at its typical strength, and yearly budgets (MEUR) by line."""
    strengths = {name: ((2026, i.typical),) for name, i in INSTRUMENTS.items()}
    return Package("everything", "", "", None, strengths, {}, {line: ((0, float(sum)),) for line, sum in budgets.items()})


def run(dunkirk, package, number, after_quarter):
    """One run of Dunkirk with books checked; after_quarter: called with the state before and after every quarter."""
    model = ClusterModel(build_world(dunkirk, package, *YEARS, seed=5, check_books=True), number, parameter_records(
        {name: np.array([value]) for name, value in EAGER.items()}, 1))  # fmt: skip
    while model.quarter < model.world.quarters:
        before = model.state.copy()
        model.step()
        after_quarter(before, model.state, model.quarter - 1)
    series = model.series.copy()
    model.release()
    return series


class Recount:
    """Public money by line, from the records of plants, networks and pacts, MEUR."""

    def __init__(self):
        self.found = defaultdict(float)
        self.office = 0.0

    def __call__(self, before, s, t):
        p = s.parameters[0]
        policy = policy_of(s, 0, t)
        for i, firm in enumerate(s.firms):
            self.firm(before.firms[i], firm, s, p, t)
        for old, network in zip(before.networks, s.networks, strict=True):
            self.found["network_grants_meur"] += network.granted_meur - old.granted_meur
            self.found["network_cover_meur"] += network.covered_meur - old.covered_meur
            limit = network.guarantee * max(0.0, network.account_meur)
            assert network.covered_meur == pytest.approx(min(limit, network.cover_limit_meur))
        running = [firm for firm in s.firms if firm.stage != CLOSED_DOWN and (firm.planned == 0 or firm.switched == 1)]
        jobs = sum(firm.jobs for firm in running)
        self.found["skills_meur"] += policy.skills_per_year / 0.1 * p.skills_cost_keur_per_job_year * jobs / 4000
        office = policy.orchestrator or float(s.pacts[0].mode == ORCHESTRATOR)
        self.office += office * p.orchestrator_cost_meur_per_year / 4

    def firm(self, old, firm, s, p, t):
        """What the state gives to one plant in a quarter, or gets from it."""
        if firm.fid_quarter == t:
            self.found["grants_meur"] += firm.grant_meur
        if firm.running_strike > 0:
            paid = (firm.running_strike - s.spots[0].price[CARBON]) * firm.contract_kt * firm.output / 4000
            self.found["ccfd_meur"] += paid
        captured = min(firm.credit_kt, s.options[firm.option].captured_kt) * firm.output
        self.found["tax_credits_meur"] += firm.running_credit * captured / 4000
        self.found["guarantee_fees_meur"] -= p.guarantee_fee_pp / 100 * firm.guaranteed * firm.debt_meur / 4
        owed = old.debt_meur + old.public_debt_meur
        if owed > 0 and firm.debt_meur + firm.public_debt_meur == 0 and firm.fid_quarter != t:  # repaid, or written off
            repaid = 0.0 if firm.closed_quarter == t else old.repayment_meur  # who closes does not repay first
            left = max(0.0, 1 - repaid / (owed + old.corporate_debt_meur))
            lost = (1 - p.recovery_share) * (left if left > 1e-9 else 0.0)
            self.found["guarantee_calls_meur"] += lost * (old.guaranteed * old.debt_meur + old.public_debt_meur)


@pytest.fixture(scope="module", params=[("four-pillars", 0), ("everything", 1), ("everything", 2)], ids=str)
def counted(request, whole_dunkirk):
    """A run under wide budgets, which are a second book of what was promised: recount, last state, account by line."""
    name, number = request.param
    wide = dict.fromkeys(BUDGET_LINES, 1000.0)
    budgets = {line: ((0, amount),) for line, amount in wide.items()}
    package = everything(**wide) if name == "everything" else Package(
        name, "", "", None, library_package(name).schedules, {}, budgets)  # fmt: skip
    recount, last = Recount(), []
    series = run(
        whole_dunkirk, package, number, lambda before, s, t: (recount(before, s, t), last.__setitem__(slice(None), [s]))
    )
    return recount, last[0], {line: float(series[line].sum()) for line in series.dtype.names}


def test_every_public_euro_is_in_one_line(counted):
    recount, s, account = counted
    fund = account["sanctions_meur"] - s.pacts[0].fund_meur  # what deposits paid of the office
    recount.found["orchestrator_meur"] = recount.office - fund
    given = 1000.0 * 26 - s.pacts[0].budget_left_meur  # promised, by the books of the state
    assert recount.found["grants_meur"] == pytest.approx(given[GRANTS])
    recount.found["grant_element_meur"] = given[CONCESSIONAL]
    recount.found["procurement_meur"] = 0.0  # nobody buys here
    assert set(recount.found) == set(PUBLIC_LINES)
    for line in PUBLIC_LINES:
        assert account[line] == pytest.approx(recount.found[line], rel=1e-9, abs=1e-9), line


def test_every_line_of_money_is_on_one_side():
    money = {measure.name for measure in MEASURES if measure.unit == "MEUR" and measure.kind == "flow"}
    sides = (set(PUBLIC_LINES), set(PRIVATE_LINES), ELSEWHERE)
    assert set.union(*sides) == money
    assert sum(map(len, sides)) == len(money)
    assert len(set(PUBLIC_LINES)) == len(PUBLIC_LINES)


def test_public_money_per_tonne_holds_every_line(dunkirk):
    world = build_world(dunkirk, everything(), *YEARS, seed=5, check_books=True)
    parameters = parameter_records({name: np.full(8, value) for name, value in EAGER.items()}, 8)
    arrays = simulate(world, parameters, np.arange(8, dtype=np.uint64))
    outcomes = outcome_columns(arrays.series, arrays.networks, world, {})
    total = np.zeros(8)
    for line in PUBLIC_LINES:
        assert arrays.series[line].any(), f"{line}: not used, so not tested"
        total += arrays.series[line].sum(axis=1)
    np.testing.assert_allclose(outcomes["public_meur"], total)
    avoided_kt = 26 * world.template.firms.baseline_kt.sum() - arrays.series["scope1_kt"].sum(axis=1)
    np.testing.assert_allclose(outcomes["public_eur_per_t"].to_numpy(zero_copy_only=False), 1000 * total / avoided_kt)


@pytest.mark.parametrize("number", range(3))
def test_budgets_are_never_exceeded(whole_dunkirk, number):
    yearly = {"grants": 20.0, "concessional": 4.0, "guarantees": 0.3, "credits": 30.0, "networks": 5.0}
    package = everything(**yearly)
    promised = np.zeros(len(BUDGET_LINES))
    bound = np.zeros(len(BUDGET_LINES), bool)

    def look(before, s, t):
        left = s.pacts[0].budget_left_meur
        allowed = np.array([yearly[line] for line in BUDGET_LINES]) * (t // 4 + 1)
        assert (left >= -1e-9).all()
        promised[:] = allowed - left
        bound[:] |= left < 1e-6

    series = run(whole_dunkirk, package, number, look)
    total = np.arange(1, 27)
    for line, measure in (("grants", "grants_meur"), ("concessional", "grant_element_meur"), ("credits", "tax_credits_meur"),
                          ("networks", "network_cover_meur")):  # fmt: skip
        assert (series[measure].cumsum() <= yearly[line] * total + 1e-6).all(), line
    assert series["grants_meur"].sum() == pytest.approx(promised[GRANTS])
    assert series["grant_element_meur"].sum() == pytest.approx(promised[CONCESSIONAL])
    assert series["tax_credits_meur"].sum() <= promised[CREDITS] + 1e-6
    assert series["network_cover_meur"].sum() <= promised[NETWORK_SUPPORT] + 1e-6
    assert promised[GUARANTEES] > 0
    assert bound[GRANTS]
