"""R4: what a board knows in favour of a project that it has in hand; R5: what stands before a heat link beside money."""

import numpy as np
import pytest

from clusterpact.agents.board import draw_up_papers
from clusterpact.agents.chance import CONVICTION, LINK, normal, uniform
from clusterpact.agents.links import form_links
from clusterpact.agents.parameters import default_parameters
from clusterpact.agents.vocabulary import IN_PLANNING, NATURAL_GAS
from clusterpact.policies.package import library_package
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.agents.projects_worlds import started
from tests.worlds.random import simulate
from tests.worlds.small import NEVER, small_state

RUNS = 400
HAND, OTHER = 1, 2  #: the option of the project in hand, and another that costs and avoids as much


def papers(run=0, t=0, firm_id=None, has_project=True, **parameters):
    """Papers of firm 0, which has a project in hand for one of two options."""
    s = started(IN_PLANNING, options_per_firm=3, **parameters)
    s.world.run = run
    if firm_id is not None:
        s.firms[0].id = firm_id
    if not has_project:
        s.firms[0].pipeline = -1
    assert draw_up_papers(s, 0, t)
    return s


def gains(conviction=1.0, what="value", **further):
    """What papers say more with conviction than without: of the project in hand, and of the other option."""
    convinced, sober = papers(project_conviction=conviction, **further), papers(project_conviction=0.0, **further)
    return tuple(float(convinced.assessments[row][what] - sober.assessments[row][what]) for row in (HAND, OTHER))


def drawn(s, run=0):
    """The half-normal draw of firm 0, by hand."""
    return abs(normal(1, run, CONVICTION, s.firms[0].id, 0))


@pytest.mark.parametrize("what", ["value", "value_unstranded"])
def test_a_project_in_hand_is_worth_more_by_what_its_board_knows_and_another_option_is_not(what):
    hand, other = gains(conviction=0.7, what=what)
    assert hand == pytest.approx(0.7 * drawn(papers()))
    assert hand > 0.0
    assert other == 0.0


@pytest.mark.parametrize("norm_weight", [0.0, 0.3, 1.0])
def test_conviction_is_part_of_the_utility_that_is_not_the_norm(norm_weight):
    hand, other = gains(what="utility", norm_weight=norm_weight)
    assert hand == pytest.approx((1 - norm_weight) * drawn(papers()))
    assert other == 0.0


def test_a_firm_without_a_project_in_hand_is_convinced_of_nothing():
    assert gains(has_project=False) == (0.0, 0.0)


@pytest.mark.parametrize("weight", ["weight", "plan_weight"])
def test_conviction_raises_the_odds_of_the_project_in_the_choice_by_what_it_adds_to_the_utility(weight):
    odds = []
    for conviction in (0.0, 1.0):
        s = papers(project_conviction=conviction, norm_weight=0.2, choice_sharpness=3.0)
        odds.append(s.assessments[HAND][weight] / s.assessments[OTHER][weight])
    assert odds[1] / odds[0] == pytest.approx(np.exp(3.0 * 0.8 * drawn(papers())))


def test_what_a_board_knows_it_knows_for_good():
    assert gains(t=0)[0] == pytest.approx(gains(t=9)[0])


def test_every_plant_has_its_own_draw():
    found = {round(gains(firm_id=np.uint64(key))[0], 9) for key in range(1, 6)}
    assert len(found) == 5


def test_over_runs_conviction_is_half_normal():
    found = np.array([gains(run=run)[0] for run in range(RUNS)])
    assert (found > 0).all()
    mean, spread = np.sqrt(2 / np.pi), np.sqrt(1 - 2 / np.pi)
    assert found.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(RUNS))
    assert found.std() == pytest.approx(spread, rel=0.15)


def test_none_of_it_changes_not_a_byte_of_a_paper():
    with_project, without = papers(project_conviction=0.0), papers(project_conviction=0.0, has_project=False)
    rows = [s.assessments[HAND].tobytes() for s in (with_project, without)]
    assert rows[0] == rows[1]


def test_where_nothing_is_in_hand_conviction_changes_not_a_byte_of_a_run():
    worlds = {}
    for name in ("history/dunkirk-2013", "dunkirk"):
        scenario = read_scenario(CLUSTERS / name)
        world = build_world(scenario, library_package("current-policies"), 2026, 2035, 7)
        found = []
        for conviction in (0.0, 2.0):
            parameters = default_parameters(4)
            parameters.project_conviction = conviction
            found.append([table.tobytes() for table in simulate(world, parameters)])
        worlds[name] = found[0] == found[1]
    assert worlds == {"history/dunkirk-2013": True, "dunkirk": False}


# Heat links.


def formed(ceiling, capability, runs=RUNS, t=2):
    """Runs in which a link that pays forms in one round of talks."""
    s = small_state(links=1, fuel_ceiling_per_year=ceiling)
    s.firms.capability = [0.5, capability]
    s.options[2].energy_gwh[NATURAL_GAS] = 500.0
    s.spots[0].expected_price[NATURAL_GAS] = 40.0
    found = []
    for run in range(runs):
        s.world.run = run
        s.links[0].source, s.links[0].sink, s.links[0].heat_gwh, s.links[0].capex_meur = 0, 1, 94.0, 1.0
        s.links[0].formed_quarter, s.firms[1].heat_relief_gwh = NEVER, 0.0
        form_links(s, t)
        found.append(bool(s.links[0].formed_quarter == t))
    return found


@pytest.mark.parametrize(("ceiling", "capability"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_no_link_forms_under_a_ceiling_of_nothing_or_where_nobody_is_capable(ceiling, capability):
    assert not any(formed(ceiling, capability))


def test_a_link_that_pays_forms_for_sure_where_nothing_stands_before_it():
    assert all(formed(1.0, 1.0))


@pytest.mark.parametrize(("ceiling", "capability"), [(0.4, 1.0), (1.0, 0.4), (0.5, 0.8)])
def test_a_link_forms_with_the_hazard_of_fuels_times_the_capability_of_who_takes_the_heat(ceiling, capability):
    found = formed(ceiling, capability)
    assert np.mean(found) == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / RUNS))
    sink = small_state().firms[1].id
    assert found == [bool(uniform(1, run, LINK, sink, 2) < 0.4) for run in range(RUNS)]


def test_a_higher_hazard_forms_all_links_of_a_lower_one():
    few, many = formed(0.3, 1.0), formed(0.6, 1.0)
    assert all(more for less, more in zip(few, many, strict=True) if less)
    assert sum(many) > sum(few)
