"""Replaced decisions that are misspelt, take something else or answer something else: one clear line, and nothing silent."""

import math

import numpy as np
import pytest

from clusterpact.inputs import InputError
from clusterpact.policies.package import library_package
from clusterpact.sim.faces import Buyer, Financier, Firm, Government, Operator, Owner
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.worlds.random import random_package, random_parameters, random_scenario


def model_of(number=4, **classes):
    world = build_world(random_scenario(number), random_package(number), 2025, 2034, seed=number)
    return ClusterModel(world, 0, random_parameters(number, 1), **classes)


MISSPELT = [
    (Firm, "invest", "invests"), (Firm, "Invests", "invests"), (Firm, "choose", "chooses"), (Firm, "bid", "bids"),
    (Firm, "vote", "votes_for_rules"), (Operator, "decide", "decides"), (Operator, "extend", "extends"),
    (Owner, "back", "backs"), (Financier, "offer", "offers"), (Buyer, "signs", "signs_offtake"),
    (Buyer, "sign_offtake", "signs_offtake"), (Government, "adopt", "adopts"), (Government, "reverse", "reverses"),
]  # fmt: skip


@pytest.mark.parametrize(("face", "name", "meant"), MISSPELT)
def test_a_method_that_is_named_nearly_as_a_decision_is_a_mistake(face, name, meant):
    with pytest.raises(InputError, match=rf"Mine: {name}: .*no decision of {face.__name__}.*did you mean '{meant}'"):
        type("Mine", (face,), {name: lambda self: True})


def test_a_decision_of_another_agent_is_a_mistake():
    with pytest.raises(InputError, match="Mine: backs: is a decision of Owner, not of Firm"):
        type("Mine", (Firm,), {"backs": lambda self, firm: True})


def test_helpers_of_a_subclass_are_its_own():
    class Mine(Firm):
        limit = 3.0

        def payback(self) -> float:
            return self.limit

        def _invest(self) -> bool:
            return True

        @property
        def patience(self) -> float:
            return 1.0

    assert Mine.payback


@pytest.mark.parametrize(
    ("face", "name", "method"),
    [(Owner, "backs", lambda self: True), (Firm, "invests", lambda self, quarter: True), (Firm, "chooses", lambda: "x")],
)
def test_a_decision_takes_what_it_is_asked_about(face, name, method):
    with pytest.raises(InputError, match=rf"Mine: {name}: expected the parameters \(self"):
        type("Mine", (face,), {name: method})


def test_a_decision_that_is_no_method_is_a_mistake():
    with pytest.raises(InputError, match="Mine: invests = True: expected a method"):
        type("Mine", (Firm,), {"invests": True})


YES_OR_NO = [("firm", Firm, name) for name in ("pledges", "votes_for_rules", "signs", "invests")]
YES_OR_NO += [("operator", Operator, name) for name in ("decides", "extends")] + [("government", Government, "reverses")]


@pytest.mark.parametrize(("kind", "face", "name"), YES_OR_NO)
@pytest.mark.parametrize("answer", [None, "yes", 1, math.nan])
def test_a_yes_or_no_is_true_or_false(kind, face, name, answer):
    mine = type("Mine", (face,), {name: lambda self: answer})
    with pytest.raises(InputError, match=rf"Mine: {name}: returned {answer!r}; expected True or False"):
        model_of(**{kind: mine}).run()


def test_a_yes_or_no_of_numpy_will_do():
    model_of(firm=type("Mine", (Firm,), {"invests": lambda self: np.bool_(False)})).run()


@pytest.mark.horizon
@pytest.mark.parametrize("answer", [None, "100", -1.0, math.nan, True])
def test_an_offer_is_an_amount_of_money(answer):
    mine = type("Mine", (Financier,), {"offers": lambda self, firm: answer})
    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("four-pillars"), 2026, 2045, seed=3)
    with pytest.raises(InputError, match=r"Mine: offers: returned .*; expected MEUR, 0 or more"):
        ClusterModel(world, financier=mine).run()


@pytest.mark.parametrize("answer", ["fusion", None, 3])
def test_a_choice_is_one_of_the_papers(answer):
    mine = type("Mine", (Firm,), {"chooses": lambda self: answer})
    with pytest.raises(InputError, match=rf"Mine: chooses: returned {answer!r}; expected one of "):
        model_of(firm=mine).run()


def test_a_misspelt_attribute_is_a_mistake_to_set_and_to_read():
    firm = next(iter(model_of().firms))
    with pytest.raises(InputError, match="Firm: capabilty = 3: no such attribute; did you mean 'capability'"):
        firm.capabilty = 3
    with pytest.raises(AttributeError, match="Firm has no attribute 'capabilty'; did you mean 'capability'"):
        firm.capabilty  # noqa: B018
    assert not hasattr(firm, "capabilty")
    firm.capability = 0.5
    assert firm.capability == 0.5


def test_a_subclass_has_attributes_of_its_own_unless_they_are_near_to_another():
    class Mine(Firm):
        patience = 3

        def __init__(self, model, row, name):
            super().__init__(model, row, name)
            self.memory = []
            self._capabilty = 1

    firm = next(iter(model_of(firm=Mine).firms))
    firm.memory, firm.patience = [1], 4
    with pytest.raises(InputError, match="Mine: capabilty = 3: no such attribute; did you mean 'capability'"):
        firm.capabilty = 3


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("capability", "high", "a number"), ("capability", None, "a number"), ("capability", math.nan, "a number"),
     ("stage", 2.7, "a whole number"), ("booked", [1.0], r"\d numbers")],
)  # fmt: skip
def test_a_field_takes_what_it_can_hold(field, value, expected):
    firm = next(iter(model_of().firms))
    with pytest.raises(InputError, match=rf"Firm: {field} = .*expected {expected}"):
        setattr(firm, field, value)


def test_classes_of_a_model_are_of_the_kind_that_they_stand_for():
    class Mine(Owner):
        pass

    with pytest.raises(InputError, match="frim: no such kind of agent; did you mean 'firm'"):
        model_of(frim=Mine)
    with pytest.raises(InputError, match="firm = 'Mine': expected a subclass of Firm"):
        model_of(firm=Mine)
    with pytest.raises(InputError, match="firm = 3: expected a subclass of Firm"):
        model_of(firm=3)


def test_a_model_says_what_it_is_in_words():
    model = model_of()
    assert repr(model) == "ClusterModel: World 4, package-4, run 0, before 2025 Q1 of 2025 to 2034"
    model.run()
    assert repr(model).endswith("run 0, at its end (2034)")
    with pytest.raises(InputError, match="step: the horizon ends after 40 quarters"):
        model.step()
