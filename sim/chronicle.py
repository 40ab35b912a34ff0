"""The story of a run in dated lines: what changed since the last quarter, in words."""

from typing import Any

from clusterpact.agents.ladder import PATIENCE_QUARTERS, is_refused
from clusterpact.agents.offtake import leaves
from clusterpact.agents.output import must_stop
from clusterpact.agents.vocabulary import (
    BUILDING,
    CLOSED_DOWN,
    COMMITTED,
    FAILED,
    FID,
    NET_BUILDING,
    NET_OPERATING,
    NET_PROPOSED,
    NETWORK_KIND_TABLE,
    NETWORK_KINDS,
    OPERATING,
    PLEDGED,
)
from clusterpact.sim.state import State
from clusterpact.sim.world import World


class Chronicle:
    """Watches a state from quarter to quarter and collects `events`: (quarter, agent, sentence)."""

    def __init__(self, world: World, state: State):
        self.world = world
        self.state = state
        self.events: list[tuple[int, str, str]] = []
        self._told: set[tuple[str, int]] = set()  #: instruments that started; one may have more triggers
        self._remember()

    def _remember(self) -> None:
        self.firms = self.state.firms.copy()
        self.networks = self.state.networks.copy()
        self.governments = self.state.governments.copy()
        self.links = self.state.links.copy()
        self.pipeline = self.state.pipeline.copy()

    def note(self, t: int) -> None:
        """Compare with the quarter before and note what happened."""
        for i, name in enumerate(self.world.firm_names):
            for sentence in (*self._firm(i, t), *self._given_up(i, t)):
                self.events.append((t, name, sentence))
            for agent, sentence in self._contract(i, t):
                self.events.append((t, agent, sentence))
        for n, name in enumerate(self.world.network_names):
            for sentence in self._network(n, t):
                self.events.append((t, name, sentence))
        for g, name in enumerate(self.world.names["governments"]):
            if self.state.governments[g].reversals > self.governments[g].reversals:
                self.events.append((t, name, "reverses its climate policy"))
        for e, link in enumerate(self.state.links):
            if link.formed_quarter == t:
                sink = self.world.firm_names[link.sink]
                self.events.append((t, self.world.firm_names[link.source], f"sells waste heat to {sink}"))
            if link.ended and not self.links[e].ended:
                self.events.append((t, self.world.firm_names[link.source], "ends its heat link: a party failed"))
        for k, name in enumerate(self.world.waiting):
            trigger = self.state.triggers[k]
            if trigger.started_quarter == t and (name, t) not in self._told:
                self._told.add((name, t))
                place = self.world.names["pacts"][trigger.cluster]
                self.events.append((t, place, f"{name} starts at {trigger.strength:g}: its signal was seen"))
        self._remember()

    def _option(self, i: int, row: int) -> str:
        return self.world.option_names[i][row - int(self.state.firms[i].first_option)]

    def _firm(self, i: int, t: int) -> list[str]:
        now, before = self.state.firms[i], self.firms[i]
        told = []
        if now.stage == CLOSED_DOWN and before.stage != CLOSED_DOWN:
            told.append("is closed by law" if must_stop(before, t) else "closes")
        if now.stopped and not before.stopped:
            told.append("is stopped by law until its project starts")
        if now.strike > 0 and before.strike == 0:
            told.append(f"wins a carbon contract at {now.strike:.0f} EUR/t")
        if now.stage == PLEDGED and before.stage != PLEDGED:
            told.append(f"pledges {self._option(i, now.candidate)}")
        signs = now.c2_lapse == t + PATIENCE_QUARTERS and now.c2_lapse != before.c2_lapse
        if signs or (now.stage == COMMITTED and before.stage != COMMITTED):  # a decision may follow in the same quarter
            told.append(f"signs the {self._season(now.candidate)} season for {self._option(i, now.candidate)}")
        if before.stage == COMMITTED and before.c2_lapse == t and now.stage not in (COMMITTED, FID):
            told.append(f"lets its commitment lapse: {self._missing(i, before.candidate)}")
        elif before.stage == COMMITTED and now.stage < COMMITTED and is_refused(now):
            told.append("is released from its commitment: lenders refuse the project")
        if now.breaches > before.breaches:
            told.append("breaks its commitment")
        if now.project >= 0 and now.project != before.project:
            told.append(f"begins to prepare {self._option(i, now.project)}")
        if now.fid_quarter == t and before.fid_quarter != t:  # what was decided before the start is no news
            source = f"{now.capex_meur - now.equity_meur - now.grant_meur:.0f} debt, {now.grant_meur:.0f} grant"
            row = now.candidate if now.candidate >= 0 else now.option
            told.append(f"takes the FID for {self._option(i, row)}: {now.capex_meur:.0f} MEUR ({source})")
        if now.stage == OPERATING and before.stage in (FID, BUILDING):
            told.append(f"starts {self._option(i, now.option)}")
        if now.stage == FAILED and before.stage != FAILED:
            told.append(f"defaults and falls back to {self._option(i, now.option)}")
        return told

    def _given_up(self, i: int, t: int) -> list[str]:
        """Projects that a firm gave up in this quarter: those in hand since the start by name, others by technology."""
        now, before = self.state.firms[i], self.firms[i]
        plans = [
            q for q, plan in enumerate(self.state.pipeline)
            if plan.firm == i and plan.dropped_quarter == t and self.pipeline[q].dropped_quarter != t
        ]  # fmt: skip
        told = [f"gives up {self.world.projects[q].name}" for q in plans]
        is_decided = now.fid_quarter == t and before.project in (now.candidate, now.option)
        is_plan = any(self.state.pipeline[q].option == before.project for q in plans)
        if before.project >= 0 and now.project != before.project and not is_decided and not is_plan:
            told.append(f"gives up {self._option(i, before.project)}")
        return told

    def _contract(self, i: int, t: int) -> list[tuple[str, str]]:
        """What became of a firm's contract with a buyer, and the one that it signed: (agent, sentence)."""
        now, before = self.state.firms[i], self.firms[i]
        name, buyers = self.world.firm_names[i], self.world.names["buyers"]
        is_same = now.buyer == before.buyer and now.offtake_due == before.offtake_due
        told = []
        if before.buyer >= 0:
            buyer = buyers[before.buyer]
            if is_same and now.offtake_until >= 0 > before.offtake_until:
                told.append((name, f"begins to deliver to {buyer}"))
            elif not is_same:
                told.append(self._end_of_contract(before, t, name, buyer, now.stage == CLOSED_DOWN))
        if now.buyer >= 0 and not is_same:
            share = 100 * now.offtake_kt / now.output_kt
            told.append((name, f"signs with {buyers[now.buyer]} for {share:.0f} % of its product"))
        return told

    def _end_of_contract(self, before: Any, t: int, name: str, buyer: str, has_closed: bool) -> tuple[str, str]:
        """Who ended a contract, and how, in the order in which the rules look: closing, delivery, term, leave."""
        delivers = self.state.options[before.option].is_low_carbon == 1
        if has_closed:
            return name, f"ends its contract with {buyer}: it closed"
        if before.offtake_until >= 0 and delivers and t >= before.offtake_until:
            return name, f"has kept its contract with {buyer} to the end"
        if before.offtake_until >= 0 and delivers and leaves(self.state, before, t):
            return buyer, f"leaves its contract with {name}"
        return name, f"breaks its contract with {buyer}"

    def _missing(self, i: int, row: int) -> str:
        """What an option's networks lacked when its commitment lapsed: a decision, or room."""
        network = self.state.firms[i].network
        needed = [int(network[k]) for k in range(len(NETWORK_KINDS)) if self.state.options[row].volume[k] > 0]
        undecided = [n for n in needed if self.state.networks[n].stage == NET_PROPOSED]
        if undecided:
            told = (f"{self.world.network_names[n]} still undecided ({self._why_undecided(n)})" for n in undecided)
            return " and ".join(told)
        return f"no room on {' and '.join(self.world.network_names[n] for n in needed)}"

    def _why_undecided(self, n: int) -> str:
        """What keeps a network from its FID, as it stood before the commitment lapsed."""
        network = self.networks[n]
        if network.season == 0:
            return "no open season"
        if network.believed < network.threshold:
            trusted = f"{network.believed:,.0f} of {network.threshold:,.0f} {self._unit(network.kind)} a year"
            return f"bookings that it trusts: {trusted} needed, of {network.signed:,.0f} signed"
        return "its capped tariff would not pay for it"

    def _season(self, row: int) -> str:
        volume = self.state.options[row].volume
        return " and ".join(kind.season for k, kind in enumerate(NETWORK_KIND_TABLE.values()) if volume[k] > 0) or "network"

    def _network(self, n: int, t: int) -> list[str]:
        now, before = self.state.networks[n], self.networks[n]
        told = []
        if now.stage >= NET_BUILDING and now.fid_quarter == t and before.fid_quarter != t:
            told.append(f"takes its FID, {100 * now.signed_at_fid:.0f} % of the first phase signed")
        if now.stage == NET_OPERATING and before.stage == NET_BUILDING:
            late = now.ready_quarter - now.planned_quarter
            told.append("starts to operate" + (f", {late / 4:.1f} years late" if late else ", on time"))
        if now.extension > 0 and before.extension == 0:
            told.append(f"decides to extend to {now.capacity:.0f} {self._unit(now.kind)} a year")
        return told

    def _unit(self, kind: int) -> str:
        return NETWORK_KIND_TABLE[NETWORK_KINDS[kind]].unit

    def lines(self) -> list[str]:
        """The story so far, one dated line an event."""
        return [f"{self.world.date(t)}: {agent} {sentence}" for t, agent, sentence in self.events]
