"""One run in Mesa: the same rules in the same order, on faces of the records, and decisions that can be replaced.

Without replaced decisions a Mesa run gives the same bytes as the compiled driver. Mesa is touched here and in `faces` only.
"""

from typing import Any

import mesa
import networkx as nx
import numpy as np
import pandas as pd

from clusterpact.agents.auctions import award_contracts, enter_bid, is_auction, may_bid
from clusterpact.agents.board import draw_up_papers, has_board, keeps_candidate, prefer
from clusterpact.agents.governments import is_review, may_adopt, note_adoption, put_in_force, reverse
from clusterpact.agents.ladder import go_ahead, make_pledge, sign
from clusterpact.agents.lenders import ask_next, close_loan, open_loan, rank_applicants, take_offer
from clusterpact.agents.networks import decide, extend
from clusterpact.agents.offtake import is_season, may_sign, sign_offtake
from clusterpact.agents.pact import cast_vote
from clusterpact.agents.vocabulary import NO_GATE
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import ADOPTABLE
from clusterpact.sim.books import levels_of_firms, levels_of_others
from clusterpact.sim.chronicle import Chronicle
from clusterpact.sim.faces import Face, Firm, faces
from clusterpact.sim.kernel import start_run, write_decisions
from clusterpact.sim.measures import ACCOUNT_DTYPE, MEASURES
from clusterpact.sim.overrides import amount, check_kinds, one_of, yes_or_no
from clusterpact.sim.runs import RunArrays, words_of
from clusterpact.sim.schedule import SCHEDULE
from clusterpact.sim.world import World

#: What the sets of agents of a model are called, where that is not the name of their records' array.
SETS = {"networks": "operators"}
#: Steps in which agents decide one by one: their set, the decision, and what carries it out.
DECISIONS = {
    "hold_elections": ("governments", "reverses", reverse),
    "make_pledges": ("firms", "pledges", make_pledge),
    "sign_commitments": ("firms", "signs", sign),
    "decide_networks": ("operators", "decides", decide),
    "extend_networks": ("operators", "extends", extend),
    "decide_firms": ("firms", "invests", go_ahead),
}


IS_LEVEL = np.array([measure.kind == "level" for measure in MEASURES])
SCALE = np.array([4.0 if measure.kind == "mean" else 1.0 for measure in MEASURES])  #: from a share of a yearly mean


class ClusterModel(mesa.Model):  # type: ignore[misc]
    """One run of a world. `firms`, `owners`, `operators`, `financiers`, `buyers`, `governments`, `pacts` are AgentSets."""

    def __init__(self, world: World, run: int = 0, parameters: np.recarray | None = None, **classes: type[Face]):
        """Start run number `run`; parameters is one parameter record (shape (1,)), the defaults if none.

        classes: firm, owner, operator, financier, buyer, government, pact: subclasses in place of the usual ones; raises
        InputError for any other.
        """
        super().__init__()
        self.world = world
        self.run_number = run
        self.state = world.fresh_state()
        self.quarter = 0
        record = world.template.parameters if parameters is None else parameters
        start_run(self.state, world.template, run, words_of(record)[0])
        kinds = {usual.__name__.lower(): usual for usual in faces().values()}
        check_kinds(classes, kinds)
        for array, usual in faces().items():
            chosen = classes.get(usual.__name__.lower(), usual)
            agents = [chosen(self, row, name) for row, name in enumerate(world.names[array])]
            setattr(self, SETS.get(array, array), mesa.agent.AgentSet(agents, random=self.random))
        self.series = np.zeros(world.years, ACCOUNT_DTYPE)
        self.gates = np.zeros((len(world.firm_ids), world.quarters), np.uint8)
        self.chronicle = Chronicle(world, self.state)
        self.measured = np.zeros(1, ACCOUNT_DTYPE)[0]  #: the quarter before, by the names of its measures
        self._booked = np.zeros(len(MEASURES))
        self.datacollector = mesa.DataCollector(
            model_reporters={"date": "date"} | {measure.name: _reporter(measure.name) for measure in MEASURES},
            agenttype_reporters={
                type(next(iter(self.firms))): {
                    "rung": "rung",
                    "gate": "gate",
                    "technology": "technology",
                    "emission_kt": "emission_kt",
                }
            },
        )

    @property
    def account(self) -> Any:
        """The running year's account, by the names of its measures."""
        return self.state.account.view(ACCOUNT_DTYPE)[0]

    @property
    def date(self) -> str:
        """The quarter that comes next, such as '2029 Q3'."""
        return self.world.date(self.quarter)

    def option_name(self, firm: int, option: int) -> str:
        """Name of an option (by its row) of a firm."""
        return self.world.option_names[firm][option - int(self.state.firms[firm].first_option)]

    def step(self) -> None:
        """Advance by one quarter: walk the schedule, asking every agent for its decisions."""
        t = self.quarter
        if t >= self.world.quarters:
            raise InputError("", "step", None, f"the horizon ends after {self.world.quarters} quarters")
        for step in SCHEDULE:
            asking = getattr(self, f"_{step.name}", None)
            if step.name in DECISIONS:
                agents, decision, carry_out = DECISIONS[step.name]
                for agent in getattr(self, agents):
                    if yes_or_no(agent, decision, getattr(agent, decision)()):
                        carry_out(self.state, agent.row, t)
            elif asking is not None:
                asking(t)
            else:
                step.apply(self.state, t)
        self.gates[:, t] = self.state.firms.gate
        if t % 4 == 3:
            self.series[t // 4] = self.account
        self.chronicle.note(t)
        self._measure(t)
        self.datacollector.collect(self)
        self.quarter += 1

    def _measure(self, t: int) -> None:
        """The measures of this quarter alone: its flows, means over it, levels at its end; the account stays as it is."""
        account = self.state.account_words.view(float)
        kept = account.copy()
        if t % 4 != 3:  # in the fourth, they are in the account
            levels_of_firms(self.state)
            levels_of_others(self.state, t)
        now = account[: len(MEASURES)].copy()
        account[:] = kept
        before = 0.0 if t % 4 == 0 else self._booked
        self._booked = now.copy()
        now = np.where(IS_LEVEL, now, SCALE * (now - before))
        self.measured = now.view(ACCOUNT_DTYPE)[0]

    def run(self) -> "ClusterModel":
        """Run to the end of the horizon."""
        while self.quarter < self.world.quarters:
            self.step()
        return self

    # Steps in which a decision stands between two halves of a rule.

    def _appraise_firms(self, t: int) -> None:
        """The rule `appraise_firms`, with every board that is free to choose asked for its choice."""
        for firm in self.firms:
            if has_board(self.state, firm.row, t) and draw_up_papers(self.state, firm.row, t):
                bound = keeps_candidate(self.state, firm.record)
                prefer(self.state, firm.row, firm.candidate if bound else self._option_of(firm, firm.chooses()), t)

    def _option_of(self, firm: Firm, technology: str) -> int:
        """The row of the option that a board chose; raises InputError if the board has no paper on it."""
        names = self.world.option_names[firm.row]
        return int(firm.first_option) + names.index(one_of(firm, "chooses", technology, firm.papers))

    def _cast_votes(self, t: int) -> None:
        """The rule `cast_votes`, with every firm asked for its vote."""
        self.state.firms.vote = 0
        for firm in self.firms:
            if yes_or_no(firm, "votes_for_rules", firm.votes_for_rules()):
                cast_vote(self.state, firm.row, t)

    def _adopt_instruments(self, t: int) -> None:
        """The rule `adopt_instruments`, with every government asked about every instrument that it may adopt."""
        if is_review(t):
            for government in self.governments:
                for k, instrument in enumerate(ADOPTABLE):
                    if may_adopt(self.state, government.row, k) and yes_or_no(
                        government, "adopts", government.adopts(instrument.name)
                    ):
                        note_adoption(self.state, government.row, k)
            put_in_force(self.state, t)

    def _auction_contracts(self, t: int) -> None:
        """The rule `auction_contracts`, with every firm that may bid asked whether it does."""
        for pact in self.pacts:
            if is_auction(self.state, pact.row, t):
                for firm in self.firms:
                    may = firm.cluster == pact.row and may_bid(self.state, firm.row, t)
                    if may and yes_or_no(firm, "bids", firm.bids()):
                        enter_bid(self.state, firm.row)
                award_contracts(self.state, pact.row, t)

    def _lend(self, t: int) -> None:
        """The rule `lend`, with every financier asked what it takes of a loan."""
        firms, owners, lenders = list(self.firms), list(self.owners), list(self.financiers)
        for row in [int(row) for row in self.state.queue[: rank_applicants(self.state)]]:
            owner = owners[firms[row].owner]
            gate = open_loan(self.state, row, yes_or_no(owner, "backs", owner.backs(firms[row])), t)
            if gate == NO_GATE:
                lender = -1
                while (lender := ask_next(self.state, row, lender)) >= 0:
                    offered = amount(lenders[lender], "offers", lenders[lender].offers(firms[row]))
                    take_offer(self.state, lender, row, offered)
            close_loan(self.state, row, gate, t)

    def _sign_offtakes(self, t: int) -> None:
        """The rule `sign_offtakes`, with every buyer asked about every plant that it may sign with."""
        for buyer in self.buyers:
            if is_season(buyer.record, t):
                for firm in self.firms:
                    may = may_sign(self.state, buyer.row, firm.row)
                    if may and yes_or_no(buyer, "signs_offtake", buyer.signs_offtake(firm)):
                        sign_offtake(self.state, buyer.row, firm.row, t)

    def ties(self) -> nx.Graph:
        """Who hangs on whom now: bookings and bids for networks, loans, buyers' contracts, heat links; own units."""
        graph = nx.Graph()
        for agent in self.agents:
            graph.add_node(agent.name, kind=type(agent).__name__)
        operators = list(self.operators)
        lenders, buyers = list(self.financiers), list(self.buyers)
        for firm in self.firms:
            if firm.buyer >= 0:
                graph.add_edge(firm.name, buyers[firm.buyer].name, kind="offtake", weight=float(firm.offtake_kt))
            for kind, row in enumerate(firm.network):
                if row >= 0 and firm.booked[kind] > 0:
                    graph.add_edge(firm.name, operators[row].name, kind="booking", weight=float(firm.booked[kind]))
            for f, lender in enumerate(lenders):
                owed = float(self.state.loans[firm.row * len(lenders) + f])
                if owed > 0:
                    graph.add_edge(firm.name, lender.name, kind="loan", weight=owed)
        names = self.world.firm_names
        for link in self.state.links:
            if link.formed_quarter >= 0 and not link.ended:
                graph.add_edge(names[link.source], names[link.sink], kind="heat", weight=float(link.heat_gwh))
        return graph

    def __repr__(self) -> str:
        first, last = self.world.first_year, self.world.last_year
        ended = self.quarter == self.world.quarters
        when = f"at its end ({last})" if ended else f"before {self.date} of {first} to {last}"
        return f"ClusterModel: {', '.join(self.world.names['pacts'])}, {self.world.policy}, run {self.run_number}, {when}"

    def arrays(self) -> RunArrays:
        """What this run did, as the compiled driver writes one run; complete at its end."""
        arrays = RunArrays.empty(1, self.world)
        arrays.series[0], arrays.gates[0] = self.series, self.gates
        write_decisions(self.state, arrays.decisions[0], arrays.networks[0], self.world.quarters)
        arrays.starts[0] = self.state.triggers.started_quarter
        return arrays

    def yearly(self) -> pd.DataFrame:
        """The measures of the years that are complete, as in the `series` table."""
        years = self.quarter // 4
        frame = pd.DataFrame(self.series[:years])
        frame.insert(0, "year", range(self.world.first_year, self.world.first_year + years))
        return frame

    def release(self) -> None:
        """Let go of this model: Mesa 3.3 keeps every model alive in a class attribute."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


def _reporter(name: str) -> Any:
    """A reporter of one measure of the quarter."""

    def report(model: ClusterModel) -> float:
        return float(model.measured[name])

    return report
