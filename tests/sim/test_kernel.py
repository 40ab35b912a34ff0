"""The compiled driver: how a run starts, what of it is written down, and what it refuses."""

import numpy as np
import pytest

from clusterpact.agents.chance import (
    BOARD_QUARTER,
    CAMPAIGN_AGE,
    DISPOSITION,
    FREE_RIDER,
    PRICE_BELIEF,
    normal,
    uniform,
)
from clusterpact.agents.vocabulary import CARBON, FID, OPERATING
from clusterpact.sim import kernel
from clusterpact.sim.kernel import Written, all_finite, disposition, restore, run_range, start_run, write_project
from clusterpact.sim.measures import ACCOUNT_DTYPE
from clusterpact.sim.runs import PLANT_COLUMNS, words_of
from tests.worlds.small import small_state

RUN = 5


def started(parameters=None, **counts):
    """A state that was brought to the start of run 5, with parameters other than its own."""
    s = small_state(**counts)
    s.options.campaign_years = 20.0
    s.firms.start_age = -1.0
    start_run(s, s.copy(), np.uint64(RUN), small_state(**(parameters or {})).parameters_words)
    return s


def luck(draw, stream, agents):
    """What is drawn once for each agent in that run of the small world (seed 1), at quarter 0."""
    return [draw(1, RUN, stream, agent.id, 0) for agent in agents]


def test_all_words_are_copied_back():
    words = np.zeros(3, np.uint64)
    restore(words, np.array([7, 8, 9], np.uint64))
    assert list(words) == [7, 8, 9]


def test_a_run_starts_from_its_template_whatever_the_run_before_left():
    s = small_state()
    template = s.copy()
    s.firms.stage, s.networks.capacity, s.account.scope1_kt, s.loans[:] = OPERATING, 600.0, 50.0, 70.0
    start_run(s, template, np.uint64(RUN), template.parameters_words)
    assert list(s.firms.stage) == [0, 0]
    assert (s.networks[0].capacity, s.account[0].scope1_kt, s.loans[0]) == (0.0, 0.0, 0.0)
    assert s.world[0].run == RUN


def test_a_run_takes_the_parameters_that_are_given():
    s = started({"capability_start": 0.37, "carbon_price_level": 0.0})
    assert s.parameters[0].capability_start == 0.37
    assert list(s.firms.capability) == [0.37, 0.37]
    assert s.market[25].path[CARBON] == pytest.approx(50.0)  # the low path


def test_every_agent_draws_its_trust_in_others_around_the_base_rate():
    s = started({"base_rate_trust": 0.45}, networks=3, financiers=3)
    for agents in (s.networks, s.financiers, s.firms):
        expected = [0.45 + 0.1 * draw for draw in luck(normal, DISPOSITION, agents)]
        assert list(agents.disposition) == pytest.approx(expected)
        assert len(set(expected)) == len(agents)


@pytest.mark.parametrize(("base", "expected"), [(2.0, 0.95), (-1.0, 0.05)])
def test_nobody_trusts_everything_or_nothing(base, expected):
    s = small_state(base_rate_trust=base)
    assert disposition(s, s.firms[0].id) == expected


def test_firms_differ_in_what_they_believe_of_the_carbon_price():
    s = started({"price_belief_spread": 0.3})
    expected = [np.exp(0.3 * draw - 0.045) for draw in luck(normal, PRICE_BELIEF, s.firms)]
    assert list(s.firms.optimism) == pytest.approx(expected)


def test_boards_meet_in_a_quarter_of_their_own():
    s = started(firms=12)
    assert list(s.firms.board_quarter) == [int(4.0 * draw) for draw in luck(uniform, BOARD_QUARTER, s.firms)]
    assert set(s.firms.board_quarter) == {0, 1, 2, 3}


def test_a_firm_whose_draw_is_below_the_share_never_moves_first():
    draws = luck(uniform, FREE_RIDER, small_state(firms=8).firms)
    share = sorted(draws)[3]  # the draw of one of them: it is not below itself
    s = started({"free_rider_share": share}, firms=8)
    assert list(s.firms.free_rider) == [int(draw < share) for draw in draws]
    assert s.firms.free_rider.sum() == 3


def test_a_campaign_whose_age_is_unknown_is_somewhere_between_new_and_over():
    s = started()
    assert list(s.firms.campaign_age) == pytest.approx([20.0 * draw for draw in luck(uniform, CAMPAIGN_AGE, s.firms)])


def test_a_campaign_whose_age_is_known_has_it_even_if_it_is_new():
    s = small_state()
    s.options.campaign_years = 20.0
    s.firms.start_age = [0.0, 7.5]
    start_run(s, s.copy(), np.uint64(RUN), s.parameters_words.copy())
    assert list(s.firms.campaign_age) == [0.0, 7.5]


def arrays_for(s, runs, quarters):
    """What runs are written into: series and plants, and gates, projects and networks filled with what no run writes."""
    series = np.zeros((runs, quarters // 4), ACCOUNT_DTYPE)
    gates = np.full((runs, s.firms.size, quarters), 99, np.uint8)
    projects = np.full((runs, s.firms.size, 3), 99, np.int16)
    plants = np.zeros((runs, s.firms.size, quarters // 4, len(PLANT_COLUMNS)))
    starts = np.full((runs, s.triggers.size), 99, np.int16)
    return series, gates, projects, np.full((runs, s.networks.size, 4), 99.0), plants, starts


def run_two(s, driver, quarters=8, capability=(0.2, 0.3)):
    """Two runs, numbers 3 and 4, which differ in the capability that firms start with."""
    parameters = np.concatenate([s.parameters, s.parameters])
    parameters["capability_start"] = capability
    series, gates, projects, networks, plants, starts = arrays_for(s, 2, quarters)
    numbers = np.array([3, 4], np.uint64)
    driver(s, s.copy(), words_of(parameters), numbers, Written(words_of(series), gates, projects, networks, plants, starts))
    return series, gates, projects, networks, plants


def test_two_runs_of_two_years_without_a_technology_emit_what_they_did_at_the_start():
    s = small_state(years=2)
    s.technologies.first_quarter = 99
    series, gates, projects, networks, plants = run_two(s, run_range)
    np.testing.assert_allclose(series["scope1_kt"], 2000.0)  # two firms of 1000 kt
    np.testing.assert_allclose(series["carbon_price_eur_per_t"], 100.0)
    np.testing.assert_allclose(series["gate_1"], 1.0)  # no technology
    np.testing.assert_allclose(series["jobs_direct"], 200.0)
    assert (gates == 1).all()
    assert (projects == -1).all()
    assert networks.tolist() == [[[-1.0, -1.0, 0.0, 0.0]]] * 2
    np.testing.assert_allclose(plants, np.broadcast_to([1000.0, 0.0, 0.0, 0.0], plants.shape))


def told(s, t):
    """A quarter that writes into the state what a reader of the results can tell apart: run, firm, network and quarter."""
    number = int(s.world[0].run)
    s.firms[0].gate, s.firms[1].gate = 10 * number + t, 50 + t
    s.account[0].scope1_kt = 100.0 * number + t
    s.account[0].gate[9] = s.firms[0].capability
    s.networks[0].fid_quarter += number
    s.networks.ready_quarter = [7, 8]
    s.networks.capacity, s.networks.signed_at_fid = [400.0, 500.0], [0.4, 0.7]
    s.firms[1].fid_quarter = t


def test_what_runs_did_is_written_in_their_own_rows(monkeypatch):
    monkeypatch.setattr(kernel, "quarter", told)
    s = small_state(networks=2)
    series, gates, projects, networks, _ = run_two(s, getattr(run_range, "py_func", run_range))
    assert series["scope1_kt"].tolist() == [[303.0, 307.0], [403.0, 407.0]]  # as of the fourth quarter
    assert series["gate_10"].tolist() == [[0.2, 0.2], [0.3, 0.3]]
    assert gates[:, 0].tolist() == [list(range(30, 38)), list(range(40, 48))]
    assert gates[:, 1].tolist() == [list(range(50, 58))] * 2
    assert projects[:, :, 1].tolist() == [[-1, 7], [-1, 7]]
    # eight times the number of the run, from -1; what opens in quarter 8 opens after the end
    assert networks[0].tolist() == [[23.0, 7.0, 400.0, 0.4], [-1.0, -1.0, 500.0, 0.7]]
    assert networks[1].tolist() == [[31.0, 7.0, 400.0, 0.4], [-1.0, -1.0, 500.0, 0.7]]


def test_every_year_has_a_row_of_its_own(monkeypatch):
    monkeypatch.setattr(kernel, "quarter", told)
    series, *_ = run_two(small_state(networks=2), getattr(run_range, "py_func", run_range), quarters=20)
    assert series["scope1_kt"][0].tolist() == [303.0, 307.0, 311.0, 315.0, 319.0]


def spoilt_in(quarter):
    """A quarter that leaves an account that is not a number, in one quarter of the run and not after."""

    def spoil(s, t):
        s.account[0].defaults = np.nan if t == quarter else 0.0

    return spoil


@pytest.mark.parametrize("quarter", [3, 7])
def test_a_year_that_is_not_finite_ends_the_run(monkeypatch, quarter):
    monkeypatch.setattr(kernel, "quarter", spoilt_in(quarter))
    with pytest.raises(ValueError, match="a result is not a finite number"):
        run_two(small_state(), getattr(run_range, "py_func", run_range))


def test_what_is_not_finite_only_within_a_year_is_nobodys_result(monkeypatch):
    monkeypatch.setattr(kernel, "quarter", spoilt_in(2))
    series, *_ = run_two(small_state(), getattr(run_range, "py_func", run_range))
    assert (series["defaults"] == 0.0).all()


@pytest.mark.parametrize("capability", [(np.inf, 0.3), (0.2, np.nan)])
def test_a_parameter_that_is_not_finite_is_refused(monkeypatch, capability):
    monkeypatch.setattr(kernel, "quarter", told)
    with pytest.raises(ValueError, match="a parameter is not a finite number"):
        run_two(small_state(networks=2), getattr(run_range, "py_func", run_range), capability=capability)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_infinities_and_what_is_no_number_are_seen_at_every_place(value, place):
    numbers = np.zeros(3)
    numbers[place] = value
    assert not all_finite(numbers.view(np.uint64))


def test_numbers_of_any_size_are_finite():
    assert all_finite(np.array([0.0, -0.0, 1.0, -1.0, 1.7e308, -1.7e308, 5e-324]).view(np.uint64))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"candidate": 3}, [-1, -1, -1]),
        ({"stage": FID, "candidate": 3, "option": 2, "fid_quarter": 0}, [1, 0, -1]),
        ({"stage": OPERATING, "candidate": 2, "option": 3, "fid_quarter": 0, "start_quarter": 0}, [1, 0, 0]),
        ({"stage": OPERATING, "candidate": -1, "option": 3, "fid_quarter": 4, "start_quarter": 12}, [1, 4, 12]),
    ],
)
def test_a_project_is_the_row_within_the_firms_own_options_and_its_quarters(fields, expected):
    firm = small_state().firms[1]  # its first option is row 2
    for name, value in fields.items():
        setattr(firm, name, value)
    out = np.full(3, 99, np.int16)
    write_project(firm, out)
    assert list(out) == expected
