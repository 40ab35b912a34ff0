"""Genes and packages: what genes say, how near they come to a package made by hand, and what children have."""

from dataclasses import replace

import numpy as np
import pytest

from clusterpact.experiments.search.genes import PARTS, Coder
from clusterpact.policies.package import Package
from clusterpact.policies.signals import parse_signal
from tests.search.made import BASE, search

SIGNAL = parse_signal("abated_share >= 0.3", "", "when")


def coder(**changes):
    return Coder(search(**changes), BASE)


def by_hand(**schedules):
    return Package("hand", "", "", None, schedules)


@pytest.mark.parametrize("points", [((2026, 0.6),), ((2031, 0.3),), ((2026, 0.15), (2030, 0.45))])
def test_genes_of_a_package_give_its_greatest_strength_from_the_year_that_has_it(points):
    code = coder()
    found = code.package(code.genes(by_hand(grant_share=points)), "again")
    assert found.schedules == {"grant_share": (points[-1],)}


def test_what_ends_ends_and_what_is_out_of_bounds_comes_as_near_as_it_may():
    code = coder(ends=True)
    assert code.package(code.genes(by_hand(lock_in=((2028, 1.0), (2035, 0.0)))), "").schedules == {
        "lock_in": ((2028, 1.0), (2035, 0.0))}  # fmt: skip
    code = coder(starts=(2030, 2032))
    assert code.package(code.genes(by_hand(lock_in=((2026, 1.0),))), "").schedules == {"lock_in": ((2030, 1.0),)}


def test_what_waits_for_a_signal_has_one_strength_and_no_year():
    code = coder(triggers=(None, SIGNAL))
    hand = replace(by_hand(lock_in=((0, 0.5),)), signals={"lock_in": SIGNAL})
    found = code.package(code.genes(hand), "again")
    assert (found.schedules, found.signals) == ({"lock_in": ((0, 0.5),)}, {"lock_in": SIGNAL})


def test_what_is_not_used_is_as_in_the_baseline():
    base = replace(BASE, schedules={"monitoring": ((2026, 0.4),), "lock_in": ((2026, 0.2),)})
    code = Coder(search(), base)
    assert code.package(np.zeros(code.size), "none").schedules == base.schedules
    used = code.package(code.genes(by_hand(lock_in=((2030, 0.9),))), "one")
    assert used.schedules == {"monitoring": ((2026, 0.4),), "lock_in": ((2030, 0.9),)}


def test_an_instrument_of_strength_zero_is_not_used():
    code = coder()
    genes = np.zeros(code.size)
    genes[1::PARTS] = 0.9
    assert code.package(genes, "none").schedules == {}


def test_children_and_what_is_drawn_stay_within_bounds_and_the_years_of_starting():
    code = coder(ends=True, triggers=(None, SIGNAL), governance=("anchor", "majority"), starts=(2028, 2033))
    random = np.random.default_rng(1)
    parents = [code.drawn(random) for _ in range(20)]
    for k in range(300):
        child = code.child(parents[k % 20], parents[(k * 7 + 1) % 20], random)
        assert ((child >= 0) & (child < 1)).all()
        parents[k % 20] = child
        package = code.package(child, "child")
        assert package.governance_mode in ("anchor", "majority")
        for setting in code.search.settings:
            points = package.schedules.get(setting.instrument, ())
            assert all(setting.low <= level <= setting.high for _, level in points)
            waits = setting.instrument in package.signals
            assert all(year == 0 if waits else 2028 <= year <= 2033 for year, _ in points[:1])


def test_simpler_genes_leave_out_one_instrument_each():
    code = coder()
    genes = code.genes(by_hand(grant_share=((2026, 0.6),), lock_in=((2026, 1.0),)))
    assert [list(code.package(one, "").schedules) for one in code.simpler(genes)] == [["lock_in"], ["grant_share"]]
