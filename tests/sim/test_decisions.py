"""Decisions that a subclass replaces in Mesa: choice among options, votes, adoption, auctions."""

import inspect
from types import FunctionType

import pytest

from clusterpact.agents.vocabulary import BUILDING, COMMITTED, FID
from clusterpact.policies.package import library_package
from clusterpact.sim.faces import Buyer, Financier, Firm, Government, Operator, Owner, Pact
from clusterpact.sim.model import DECISIONS, ClusterModel
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world

pytestmark = pytest.mark.horizon


def dunkirk(policy="four-pillars", years=(2025, 2034), **classes):
    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package(policy), *years, seed=3)
    return ClusterModel(world, 0, **classes)


def test_a_board_that_chooses_the_last_paper_gets_it():
    asked = []

    class Last(Firm):
        def chooses(self) -> str:
            asked.append((self.row, name := list(self.papers)[-1]))
            return name

    model = dunkirk(firm=Last)
    for _ in range(4):
        model.step()
    firms = list(model.firms)
    assert asked
    assert all(name in model.world.option_names[row] for row, name in asked)
    chosen = {row: name for row, name in asked if firms[row].stage == 0 and firms[row].candidate >= 0}
    assert chosen
    assert all(firms[row].preferred_technology == name for row, name in chosen.items())


def test_a_technology_without_a_paper_cannot_be_chosen():
    class Dreamer(Firm):
        def chooses(self) -> str:
            return "fusion"

    model = dunkirk(firm=Dreamer)
    with pytest.raises(ValueError, match="chooses: returned 'fusion'; expected one of"):
        model.run()


@pytest.mark.parametrize(("answer", "adopted"), [(True, 1), (False, 0)])
def test_votes_are_asked_of_the_members(answer, adopted):
    class Voter(Firm):
        def votes_for_rules(self) -> bool:
            return answer

    model = dunkirk(firm=Voter)
    for _ in range(8):
        model.step()
    assert [pact.rules_adopted for pact in model.pacts] == [adopted]


def test_adoption_is_asked_of_governments_instrument_by_instrument():
    class Keen(Government):
        def adopts(self, instrument: str) -> bool:
            return instrument == "monitoring"

    model = dunkirk("current-policies", government=Keen)
    for _ in range(5):
        model.step()
    adopted = [government.adopted for government in model.governments if government.adopted]
    assert adopted == [{"monitoring": 0.4}]
    assert model.state.policy.monitoring[:3].tolist() == [0.0, 0.4, 0.4]


def test_a_cluster_whose_firms_never_bid_awards_no_contract():
    class Proud(Firm):
        def bids(self) -> bool:
            return False

    usual, proud = dunkirk(years=(2025, 2040)).run(), dunkirk(years=(2025, 2040), firm=Proud).run()
    assert usual.state.firms.strike.any() or usual.state.firms.running_strike.any()
    assert not proud.yearly()["ccfd_meur"].any()
    assert not proud.state.firms.strike.any()
    assert not proud.state.firms.running_strike.any()


def test_what_binds_a_firm_leaves_its_board_no_choice_and_what_is_decided_no_bid():
    """Naive overrides: the last paper always, a bid always; contracts and commitments stay with what they were made for."""

    class Naive(Firm):
        def chooses(self) -> str:
            assert self.stage != COMMITTED
            assert self.strike == 0.0
            return list(self.papers)[-1]

        def bids(self) -> bool:
            assert self.candidate >= 0
            assert self.stage not in (FID, BUILDING)
            return True

    model = dunkirk(years=(2025, 2040), firm=Naive).run()
    assert model.state.firms.strike.any() or model.state.firms.running_strike.any()


def test_an_owner_that_backs_nothing_and_lenders_that_offer_nothing_are_asked_for_every_project():
    asked = {"owner": 0, "lender": 0}

    class Miser(Owner):
        def backs(self, firm) -> bool:
            assert firm.applied == 1
            assert firm.owner == self.row
            asked["owner"] += 1
            return False

    class Closed(Financier):
        def offers(self, firm) -> float:
            assert firm.sought_meur > 0.0
            asked["lender"] += 1
            return 0.0

    miserly, lonely = dunkirk(owner=Miser).run(), dunkirk(financier=Closed).run()
    assert (miserly.yearly()["project_capex_meur"] == miserly.yearly()["overrun_meur"]).all()  # of projects in hand
    assert asked["owner"] > 0
    assert not lonely.yearly()["debt_meur"].any()
    assert asked["lender"] > 0


def test_a_loan_takes_no_more_than_it_seeks_of_lenders_that_offer_too_much():
    class Generous(Financier):
        def offers(self, firm) -> float:
            return 1e6

    model = dunkirk(financier=Generous)
    model.state.world.check_books = 1
    model.run()
    assert model.yearly()["debt_meur"].any()


def test_a_buyer_that_signs_with_everybody_is_asked_only_where_a_contract_is_possible():
    asked = []

    class Keen(Buyer):
        def signs_offtake(self, firm) -> bool:
            assert self.signed_kt < self.volume_kt
            assert firm.product == self.product
            assert firm.buyer < 0
            asked.append((self.model.quarter, self.row, firm.row))
            return True

    class Aloof(Buyer):
        def signs_offtake(self, firm) -> bool:
            return False

    keen, aloof = dunkirk(years=(2026, 2035), buyer=Keen).run(), dunkirk(years=(2026, 2035), buyer=Aloof).run()
    assert all(quarter % 4 == 3 for quarter, _, _ in asked)
    assert keen.yearly()["offtakes_signed"].sum() == len(asked) > 0
    assert not aloof.yearly()["offtakes_signed"].any()
    signed = {firm.buyer for firm in keen.firms} - {-1}
    assert signed == {buyer.row for buyer in keen.buyers if buyer.suppliers}
    assert any(found["kind"] == "offtake" for _, _, found in keen.ties().edges(data=True)) == bool(signed)


def test_every_decision_of_a_face_is_asked_somewhere():
    """A method that a subclass may replace, and that no step asks, would be replaced in vain."""
    others = {"chooses", "votes_for_rules", "adopts", "bids", "backs", "offers", "signs_offtake"}
    asked = {decision for _, decision, _ in DECISIONS.values()} | others
    faces = (Firm, Owner, Operator, Financier, Buyer, Government, Pact)
    methods = {name for face in faces for name, value in vars(face).items() if isinstance(value, FunctionType)}
    assert methods == asked
    source = inspect.getsource(ClusterModel)
    assert all(f".{name}(" in source for name in asked - {decision for _, decision, _ in DECISIONS.values()})
