"""One run in Mesa: agents as faces on the records, the same rules in the same order, and decisions that can be replaced.

Subclass an agent, override one decision in Python, and hand the class to `ClusterModel`; the rest stays as it is. Without
overrides a Mesa run gives the same bytes as the compiled driver. This is the only module that touches Mesa.
"""

from typing import Any, ClassVar

import mesa
import networkx as nx
import numpy as np
import pandas as pd
from clusterpact.agents.governments import reverse, reverses
from clusterpact.agents.ladder import apply_for_finance, invests, make_pledge, sign, signs, wants_to_pledge
from clusterpact.agents.lenders import approves, rank_applicants, settle
from clusterpact.agents.networks import decide, decides, extend, extends
from clusterpact.agents.pact import votes_for_rules
from clusterpact.agents.records import BY_FIRM, GATES, NETWORK_KINDS, NETWORK_STAGES, STAGES
from clusterpact.agents.trust import trust
from clusterpact.policies.instruments import GOVERNANCE_MODES
from clusterpact.sim.chronicle import Chronicle
from clusterpact.sim.kernel import start_run
from clusterpact.sim.measures import MEASURES
from clusterpact.sim.schedule import SCHEDULE
from clusterpact.sim.world import World


class Face(mesa.Agent):  # type: ignore[misc]
    """A Mesa agent that is a face on one record: every field of the record is an attribute, to read and to write."""

    records: ClassVar[str]
    model: "ClusterModel"

    def __init__(self, model: "ClusterModel", row: int, name: str):
        super().__init__(model)
        self.row = row
        self.name = name

    @property
    def record(self) -> Any:
        """The record behind this agent."""
        return getattr(self.model.state, self.records)[self.row]

    def __getattr__(self, field: str) -> Any:
        if not field.startswith("_") and "row" in self.__dict__:
            record = self.record
            if field in record.dtype.names:
                value = record[field]
                return value.item() if np.ndim(value) == 0 else value
        raise AttributeError(f"{type(self).__name__} has no attribute {field!r}")

    def __setattr__(self, field: str, value: Any) -> None:
        if "row" in self.__dict__ and field in self.record.dtype.names:
            self.record[field] = value
        else:
            super().__setattr__(field, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Firm(Face):
    """A plant. Decisions that a subclass may replace: `pledges`, `signs`, `invests`."""

    records = "firms"

    @property
    def rung(self) -> str:
        """Rung of its next project, by name."""
        return STAGES[self.stage]

    @property
    def technology(self) -> str:
        """What it runs."""
        return self.model.option_name(self.row, self.option)

    @property
    def preferred_technology(self) -> str | None:
        """What its board prefers, if anything."""
        return self.model.option_name(self.row, self.candidate) if self.candidate >= 0 else None

    @property
    def held_back_by(self) -> str:
        """The first closed gate, by name; empty before the first quarter."""
        return GATES[self.gate - 1] if self.gate else ""

    @property
    def reputation(self) -> float:
        """Trust of an average firm in it (R1)."""
        return float(trust(self.kept[BY_FIRM], self.broken[BY_FIRM], self.model.state.parameters[0].base_rate_trust))

    def pledges(self) -> bool:
        """Whether it pledges (C1) in this quarter."""
        return bool(wants_to_pledge(self.model.state, self.row, self.model.quarter))

    def signs(self) -> bool:
        """Whether it signs a conditional commitment (C2) in this quarter."""
        return bool(signs(self.model.state, self.row, self.model.quarter))

    def invests(self) -> bool:
        """Whether its board asks for finance for an FID in this quarter."""
        return bool(invests(self.model.state, self.row, self.model.quarter))

    def votes_for_rules(self) -> bool:
        """Whether it would vote for monitoring and sanctions (to read; the vote is counted in the compiled rule)."""
        return bool(votes_for_rules(self.model.state, self.row, self.model.quarter))


class Operator(Face):
    """An operator of a network. Decisions that a subclass may replace: `decides`, `extends`."""

    records = "networks"

    @property
    def status(self) -> str:
        """Proposed, building or operating."""
        return NETWORK_STAGES[self.stage]

    @property
    def network_kind(self) -> str:
        """Kind of network."""
        return NETWORK_KINDS[self.kind]

    def decides(self) -> bool:
        """Whether its network takes the FID in this quarter."""
        return bool(decides(self.model.state, self.row, self.model.quarter))

    def extends(self) -> bool:
        """Whether its network adds capacity in this quarter."""
        return bool(extends(self.model.state, self.row, self.model.quarter))


class Financier(Face):
    """A lender. The decision that a subclass may replace: `answer`."""

    records = "financiers"

    def answer(self, firm: Firm) -> int:
        """Its answer to an applicant: 0 for yes, else the gate that stays closed (6 network, 7 not bankable, 8 rationed)."""
        return int(approves(self.model.state, self.row, firm.row, self.model.quarter))


class Government(Face):
    """A government. The decision that a subclass may replace: `reverses`."""

    records = "governments"

    def reverses(self) -> bool:
        """Whether an election in this quarter reverses its policy."""
        return bool(reverses(self.model.state, self.row, self.model.quarter))


class Pact(Face):
    """The pact of a cluster."""

    records = "pacts"

    @property
    def governance(self) -> str:
        """Governance mode in force, by name."""
        return GOVERNANCE_MODES[self.mode]


#: Steps in which agents decide one by one: their list, the decision, and what carries it out.
DECISIONS = {
    "hold_elections": ("governments", "reverses", reverse),
    "make_pledges": ("firms", "pledges", make_pledge),
    "sign_commitments": ("firms", "signs", sign),
    "decide_networks": ("operators", "decides", decide),
    "extend_networks": ("operators", "extends", extend),
    "decide_firms": ("firms", "invests", apply_for_finance),
}


class ClusterModel(mesa.Model):  # type: ignore[misc]
    """One run of a world. `firms`, `operators`, `financiers`, `governments`, `pacts` are Mesa AgentSets."""

    def __init__(
        self,
        world: World,
        run: int = 0,
        parameters: np.recarray | None = None,
        firm: type[Firm] = Firm,
        operator: type[Operator] = Operator,
        financier: type[Financier] = Financier,
        government: type[Government] = Government,
    ):
        """Start run number `run`; parameters is one parameter record (shape (1,)), the defaults if none."""
        super().__init__()
        self.world = world
        self.run_number = run
        self.state = world.fresh_state()
        self.quarter = 0
        record = world.template.parameters if parameters is None else parameters
        start_run(self.state, world.template, run, record.view(np.uint64).reshape(-1))
        for row, name in enumerate(world.firm_names):
            firm(self, row, name)
        for row, name in enumerate(world.network_names):
            operator(self, row, name)
        for row, name in enumerate(world.financier_names):
            financier(self, row, name)
        for row, name in enumerate(world.government_names):
            government(self, row, name)
        for row, name in enumerate(world.cluster_names):
            Pact(self, row, name)
        self.firms = self._set_of(Firm)
        self.operators = self._set_of(Operator)
        self.financiers = self._set_of(Financier)
        self.governments = self._set_of(Government)
        self.pacts = self._set_of(Pact)
        self.series = np.zeros(world.years, self.state.account.dtype)
        self.gates = np.zeros((len(world.firm_ids), world.quarters), np.uint8)
        self.chronicle = Chronicle(world, self.state)
        self.datacollector = mesa.DataCollector(
            model_reporters={measure.name: _reporter(measure.name) for measure in MEASURES},
            agenttype_reporters={
                firm: {"rung": "rung", "gate": "gate", "technology": "technology", "emission_kt": "emission_kt"}
            },
        )

    def _set_of(self, kind: type[Face]) -> Any:
        return self.agents.select(lambda agent: isinstance(agent, kind))

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
            raise IndexError(f"the horizon ends after {self.world.quarters} quarters")
        for step in SCHEDULE:
            if step.name in DECISIONS:
                agents, decision, carry_out = DECISIONS[step.name]
                for agent in getattr(self, agents):
                    if getattr(agent, decision)():
                        carry_out(self.state, agent.row, t)
            elif step.name == "lend":
                self._lend(t)
            else:
                step.apply(self.state, t)
        self.gates[:, t] = self.state.firms.gate
        if t % 4 == 3:
            self.series[t // 4] = self.state.account[0]
        self.chronicle.note(t)
        self.datacollector.collect(self)
        self.quarter += 1

    def run(self) -> "ClusterModel":
        """Run to the end of the horizon."""
        while self.quarter < self.world.quarters:
            self.step()
        return self

    def _lend(self, t: int) -> None:
        """The rule `lend`, with every financier asked for its answer."""
        firms = list(self.firms)
        for firm in firms:
            if firm.applied == 1 and firm.lender < 0:
                settle(self.state, -1, firm.row, t, approves(self.state, -1, firm.row, t))
        for lender in self.financiers:
            count = rank_applicants(self.state, lender.row)
            for row in [int(row) for row in self.state.queue[:count]]:
                settle(self.state, lender.row, row, t, lender.answer(firms[row]))

    def ties(self) -> nx.Graph:
        """Who hangs on whom now: bookings and bids for networks, loans, heat links; weights in their own units."""
        graph = nx.Graph()
        for agent in self.agents:
            graph.add_node(agent.name, kind=type(agent).__name__)
        operators = list(self.operators)
        lenders = list(self.financiers)
        for firm in self.firms:
            for kind, row in enumerate(firm.network):
                if row >= 0 and firm.booked[kind] > 0:
                    graph.add_edge(firm.name, operators[row].name, kind="booking", weight=float(firm.booked[kind]))
            if firm.creditor >= 0 and firm.debt_meur > 0:
                graph.add_edge(firm.name, lenders[firm.creditor].name, kind="loan", weight=firm.debt_meur)
        names = self.world.firm_names
        for link in self.state.links:
            if link.formed_quarter >= 0 and not link.ended:
                graph.add_edge(names[link.source], names[link.sink], kind="heat", weight=float(link.heat_gwh))
        return graph

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
    """A reporter of one measure of the running year's account."""

    def report(model: ClusterModel) -> float:
        return float(model.state.account[0][name])

    return report
