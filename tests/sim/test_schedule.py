"""The order of a quarter: one list for both drivers, and what would be seen a quarter late if it were another."""

import pytest

from clusterpact.agents.vocabulary import BUILDING, NET_BUILDING, NET_OPERATING, OPERATING
from clusterpact.sim import schedule
from clusterpact.sim.schedule import SCHEDULE, quarter
from tests.worlds.small import small_state

NAMES = [step.name for step in SCHEDULE]
plain_quarter = getattr(quarter, "py_func", quarter)


def test_the_compiled_quarter_takes_the_steps_that_mesa_walks_each_in_its_turn(monkeypatch):
    taken = []
    for name in set(NAMES):
        monkeypatch.setattr(schedule, name, lambda s, t, name=name: taken.append((name, s, t)))
    plain_quarter("a state", 7)
    assert taken == [(name, "a state", 7) for name in NAMES]


def test_steps_are_numbered_from_one_and_say_what_they_do():
    assert [step.number for step in SCHEDULE] == list(range(1, len(SCHEDULE) + 1))
    first, last = SCHEDULE[0], SCHEDULE[-1]
    assert (first.name, first.module) == ("open_year", "clusterpact.sim.books")
    assert first.meaning == "Start a new account every January; row 1 of the account is always blank."
    assert (last.name, last.module) == ("keep_accounts", "clusterpact.sim.books")
    assert all(step.meaning.strip() and "\n" not in step.meaning for step in SCHEDULE)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("hold_elections", "announce_prices"),  # a reversal is in the price that is announced
        ("adopt_instruments", "auction_contracts"),  # what was adopted is awarded
        ("observe_firms", "update_trust"),  # a promise that was broken costs trust at once
        ("observe_networks", "update_trust"),
        ("observe_governments", "update_trust"),
        ("update_trust", "appraise_firms"),  # a board knows whom to trust today
        ("move_prices", "appraise_firms"),
        ("make_pledges", "sign_commitments"),  # who weighs a commitment counts this quarter's pledges
        ("cast_votes", "run_pacts"),  # a pact counts this quarter's votes
        ("run_pacts", "sign_commitments"),  # an open season is called before firms sign in it
        ("sign_commitments", "decide_networks"),  # an operator counts all that was signed in its open season
        ("decide_networks", "decide_firms"),  # a firm knows whether its network was decided
        ("decide_firms", "lend"),  # who asks for finance is answered at once
        ("commission_networks", "work_on_plants"),  # a plant that waited starts when its network opens
        ("work_on_plants", "check_defaults"),  # debt is served by what runs now
        ("check_defaults", "update_lenders"),  # a lender knows its losses of this quarter
        ("close_gates", "keep_accounts"),  # gates are counted as they stand at the end
    ],
)
def test_a_step_comes_before_those_that_need_its_outcome(earlier, later):
    assert NAMES.index(earlier) < NAMES.index(later)


def test_bookings_are_published_before_every_step_that_looks_at_them():
    places = [k for k, name in enumerate(NAMES) if name in ("publish_bookings", "publish_signed")]
    readers = [NAMES.index(name) for name in ("appraise_firms", "sign_commitments", "decide_networks")]
    writers = [NAMES.index(name) for name in ("run_pacts", "sign_commitments")]
    assert [sum(place < reader for place in places) for reader in readers] == [1, 2, 3]
    assert all(writer + 1 in places for writer in writers)


def test_a_plant_that_waited_for_its_network_runs_in_the_quarter_in_which_that_opens():
    s = small_state()
    firm, network = s.firms[0], s.networks[0]
    s.options[1].volume[0] = 400.0
    firm.stage, firm.candidate, firm.fid_quarter, firm.ready_quarter, firm.booked[0] = BUILDING, 1, 0, 8, 400.0
    network.stage, network.capacity, network.booked = NET_BUILDING, 1000.0, 400.0
    network.fid_quarter, network.planned_quarter, network.ready_quarter = 0, 10, 10
    for t in (9, 10):
        assert (firm.stage, network.used) == (BUILDING, 0.0)
        plain_quarter(s, t)
    assert (firm.stage, firm.start_quarter, network.stage, network.used) == (OPERATING, 10, NET_OPERATING, 400.0)
    assert s.account[0].scope1_kt == pytest.approx(250.0 + 25.0 + 2 * 250.0)  # its 1000 kt/year became 100
