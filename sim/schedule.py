"""The quarter: the numbered list of rules, in one place. The compiled driver calls it; the Mesa driver walks the same list.

`SCHEDULE` is read from the source of `quarter` itself, so that the list that is printed, the list that Mesa walks and the
code that runs many times cannot drift apart.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from clusterpact.agents.auctions import auction_contracts
from clusterpact.agents.board import appraise_firms
from clusterpact.agents.bookings import publish_bookings, renew_bookings
from clusterpact.agents.capability import learn
from clusterpact.agents.compiled import rule
from clusterpact.agents.default import check_defaults
from clusterpact.agents.expectations import expect_prices
from clusterpact.agents.gates import close_gates
from clusterpact.agents.governments import (
    adopt_instruments,
    announce_prices,
    hold_elections,
    observe_governments,
    review_governments,
)
from clusterpact.agents.ladder import decide_firms, make_pledges, observe_firms, publish_signed, sign_commitments
from clusterpact.agents.lenders import lend, update_lenders
from clusterpact.agents.links import form_links
from clusterpact.agents.networks import commission_networks, decide_networks, extend_networks, observe_networks
from clusterpact.agents.offtake import observe_buyers, sign_offtakes
from clusterpact.agents.output import close_plants, move_output
from clusterpact.agents.owners import plan_capital
from clusterpact.agents.pact import cast_votes, run_pacts
from clusterpact.agents.plant import work_on_plants
from clusterpact.agents.preparation import prepare_projects
from clusterpact.agents.resources import count_resources
from clusterpact.agents.support import open_budgets
from clusterpact.agents.tariffs import update_tariffs
from clusterpact.agents.technologies import update_technologies
from clusterpact.agents.triggers import start_by_signals
from clusterpact.agents.trust import update_trust
from clusterpact.sim.books import keep_accounts, open_year
from clusterpact.sim.markets import move_prices


@rule
def quarter(s, t):
    """Advance the state by one quarter. Inside a rule every agent reads what stood at the end of the rule before."""
    open_year(s, t)
    count_resources(s, t)
    move_prices(s, t)
    move_output(s, t)
    close_plants(s, t)
    hold_elections(s, t)
    review_governments(s, t)
    adopt_instruments(s, t)
    start_by_signals(s, t)
    announce_prices(s, t)
    open_budgets(s, t)
    auction_contracts(s, t)
    observe_governments(s, t)
    observe_networks(s, t)
    observe_firms(s, t)
    observe_buyers(s, t)
    update_trust(s, t)
    publish_bookings(s, t)
    update_technologies(s, t)
    update_tariffs(s, t)
    expect_prices(s, t)
    plan_capital(s, t)
    prepare_projects(s, t)
    appraise_firms(s, t)
    make_pledges(s, t)
    sign_offtakes(s, t)
    cast_votes(s, t)
    run_pacts(s, t)
    publish_bookings(s, t)
    sign_commitments(s, t)
    publish_signed(s, t)
    decide_networks(s, t)
    renew_bookings(s, t)
    extend_networks(s, t)
    decide_firms(s, t)
    lend(s, t)
    form_links(s, t)
    commission_networks(s, t)
    work_on_plants(s, t)
    check_defaults(s, t)
    learn(s, t)
    update_lenders(s, t)
    close_gates(s, t)
    keep_accounts(s, t)


@dataclass(frozen=True)
class Step:
    """One rule of the quarter: its place, name, module, first line of documentation, and the function itself."""

    number: int
    name: str
    module: str
    meaning: str
    apply: Callable


def _read_schedule() -> tuple[Step, ...]:
    source = ast.parse(inspect.getsource(getattr(quarter, "py_func", quarter)))
    calls = [node.value.func.id for node in source.body[0].body[1:]]  # type: ignore[attr-defined]
    steps = []
    for number, name in enumerate(calls, start=1):
        function = globals()[name]
        plain = getattr(function, "py_func", function)
        steps.append(Step(number, name, plain.__module__, (inspect.getdoc(plain) or "").split("\n")[0], function))
    return tuple(steps)


SCHEDULE = _read_schedule()
