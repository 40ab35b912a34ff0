"""The agents of a run as Mesa agents: faces on the records, with the decisions that a subclass may replace.

Subclass an agent, override one decision in Python, and hand the class to `ClusterModel`; the rest stays as it is.
"""

from types import FunctionType
from typing import Any, ClassVar

import mesa
import numpy as np

from clusterpact.agents.auctions import bids
from clusterpact.agents.board import choose
from clusterpact.agents.governments import adopts, reverses
from clusterpact.agents.ladder import invests, signs, wants_to_pledge
from clusterpact.agents.lenders import offers
from clusterpact.agents.networks import decides, extends
from clusterpact.agents.offtake import signs_offtake
from clusterpact.agents.owners import backs
from clusterpact.agents.pact import votes_for_rules
from clusterpact.agents.records import RECORDS
from clusterpact.agents.trust import trust
from clusterpact.agents.vocabulary import BY_FIRM, CLOSED, GATES, GOVERNANCE_MODES, NETWORK_KINDS, NETWORK_STAGES, STAGES
from clusterpact.inputs import nearest
from clusterpact.policies.catalogue import ADOPTABLE
from clusterpact.sim.overrides import check_attribute, check_class, known_attributes, put


class Face(mesa.Agent):  # type: ignore[misc]
    """A Mesa agent that is a face on one record: every field of the record is an attribute, to read and to write."""

    records: ClassVar[str]  #: name of the array of its records in a state
    decisions: ClassVar[dict[str, str]] = {}  #: decisions that a subclass may replace, with the agent that each is of
    usual: ClassVar[type]  #: the agent that a subclass stands for
    model: Any  #: the `ClusterModel` that it belongs to

    def __init_subclass__(cls, **options: Any) -> None:
        """Note the decisions of an agent, or check what a user's subclass puts in their place."""
        super().__init_subclass__(**options)
        if "records" in vars(cls):
            cls.usual = cls
            own = (name for name, value in vars(cls).items() if isinstance(value, FunctionType) and name[0] != "_")
            Face.decisions.update(dict.fromkeys(own, cls.__name__))
        else:
            check_class(cls, cls.usual, Face.decisions)

    def __init__(self, model: Any, row: int, name: str):
        super().__init__(model)
        self.name = name
        self.row = row

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
            hint = nearest(field, known_attributes(self))
            raise AttributeError(f"{type(self).__name__} has no attribute {field!r}{hint}")
        raise AttributeError(f"{type(self).__name__} has no attribute {field!r}")

    def __setattr__(self, field: str, value: Any) -> None:
        if "row" in self.__dict__:
            if field in self.record.dtype.names:
                put(self, field, value)
                return
            check_attribute(self, self.usual, field, value)
        super().__setattr__(field, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def _ask(self, rule: Any, *more: Any) -> bool:
        """What a compiled rule says of this agent in this quarter."""
        return bool(rule(self.model.state, self.row, *more, self.model.quarter))


class Firm(Face):
    """A plant. Decisions to replace: `chooses`, `pledges`, `votes_for_rules`, `signs`, `bids`, `invests`."""

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

    @property
    def papers(self) -> dict[str, dict[str, float]]:
        """The papers of its last board by technology: route, wacc, hurdle, value (v), index, utility, weight, …"""
        rows = range(self.first_option, self.first_option + self.n_options)
        papers = {self.model.option_name(self.row, row): self.model.state.assessments[row] for row in rows}
        return {name: {field: paper[field].item() for field in paper.dtype.names}
                for name, paper in papers.items() if paper.standing != CLOSED}  # fmt: skip

    def chooses(self) -> str:
        """The technology that its board prefers, one of `papers`; not asked while a commitment or a contract binds it."""
        return self.model.option_name(self.row, int(choose(self.model.state, self.row, self.model.quarter)))

    def pledges(self) -> bool:
        """Whether it pledges (C1) in this quarter."""
        return self._ask(wants_to_pledge)

    def votes_for_rules(self) -> bool:
        """Whether it votes for monitoring and sanctions in its pact."""
        return self._ask(votes_for_rules)

    def signs(self) -> bool:
        """Whether it signs a conditional commitment (C2) in this quarter."""
        return self._ask(signs)

    def bids(self) -> bool:
        """Whether it bids its break-even strike in this quarter's auction of carbon contracts, in which it may."""
        return self._ask(bids)

    def invests(self) -> bool:
        """Whether its board asks for finance for an FID in this quarter."""
        return self._ask(invests)


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
        return self._ask(decides)

    def extends(self) -> bool:
        """Whether its network adds capacity in this quarter."""
        return self._ask(extends)


class Financier(Face):
    """A lender. The decision that a subclass may replace: `offers`."""

    records = "financiers"

    def offers(self, firm: Firm) -> float:
        """What it takes of the loan that a plant still seeks (`firm.sought_meur`), MEUR; the cheapest is asked first."""
        return float(offers(self.model.state, self.row, firm.row))


class Owner(Face):
    """A parent company: its plants in the world share its capital budget and its room for debt. `backs` may be replaced."""

    records = "owners"

    @property
    def plants(self) -> list[Firm]:
        """Its plants in the world."""
        return [firm for firm in self.model.firms if firm.owner == self.row]

    def backs(self, firm: Firm) -> bool:
        """Whether it backs the project of one of its plants, which asks for finance in this quarter."""
        return self._ask(backs, firm.row)


class Buyer(Face):
    """A buyer of a low-carbon product. The decision that a subclass may replace: `signs_offtake`."""

    records = "buyers"

    @property
    def suppliers(self) -> list[Firm]:
        """Plants under contract with it."""
        return [firm for firm in self.model.firms if firm.buyer == self.row]

    def signs_offtake(self, firm: Firm) -> bool:
        """Whether it signs with a plant that has its product to offer, for what is left of its volume; asked once a year."""
        return self._ask(signs_offtake, firm.row)


class Government(Face):
    """A government. Decisions that a subclass may replace: `reverses`, `adopts`."""

    records = "governments"

    @property
    def adopted(self) -> dict[str, float]:
        """Instruments that it adopted by itself or from its peers, with their strengths."""
        rows = self.model.state.adoptions[self.row * len(ADOPTABLE) : (self.row + 1) * len(ADOPTABLE)]
        return {entry.name: float(row.strength) for entry, row in zip(ADOPTABLE, rows, strict=True) if row.strength > 0}

    def reverses(self) -> bool:
        """Whether an election in this quarter reverses its policy."""
        return self._ask(reverses)

    def adopts(self, instrument: str) -> bool:
        """Whether it adopts an instrument this year, which it may and has not; asked once a year."""
        return self._ask(adopts, [entry.name for entry in ADOPTABLE].index(instrument))


class Pact(Face):
    """The pact of a cluster."""

    records = "pacts"

    @property
    def governance(self) -> str:
        """Governance mode in force, by name."""
        return GOVERNANCE_MODES[self.mode]


def faces() -> dict[str, type[Face]]:
    """The class behind every array of agents; a kind of agent without a class of its own gets a plain face."""
    own = {face.records: face for face in (Firm, Owner, Operator, Financier, Buyer, Government, Pact)}
    agents = {kind.array: name for name, kind in RECORDS.items() if kind.agent}
    return {array: own.get(array) or type(name.title(), (Face,), {"records": array}) for array, name in agents.items()}
