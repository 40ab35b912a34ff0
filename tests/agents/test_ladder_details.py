"""R2 and R4: which rungs lead where on the ladder, thresholds of chances, and what each step writes."""

import pytest

import clusterpact.agents.ladder
from clusterpact.agents.bookings import publish_bookings
from clusterpact.agents.chance import COMMIT, INVEST, PLEDGE, PUBLIC_SIGNAL, uniform
from clusterpact.agents.ladder import (
    decide_firms,
    invests,
    make_pledges,
    observe_firms,
    publish_signed,
    sign_commitments,
    signs,
    wants_to_pledge,
)
from clusterpact.agents.vocabulary import (
    BUILDING,
    COMMITTED,
    FAILED,
    FAMILIES,
    FID,
    IDLE,
    N_FAMILIES,
    N_KINDS,
    NET_BUILDING,
    OPERATING,
    PLEDGED,
)
from tests.agents.test_ladder import promised
from tests.worlds.small import CLEAN, NEVER, small_state

STAGES = (IDLE, PLEDGED, COMMITTED, FID, BUILDING, OPERATING, FAILED)
SURE = {"pledge_probability_per_year": 1.0, "fuel_ceiling_per_year": 1.0}


def keen(firms=1, kind=0, **parameters):
    """Firms sure to take any step that they may take: able, with much to gain from an option that needs a network."""
    s = small_state(firms=firms, networks=N_KINDS, **SURE | parameters)
    for i in range(firms):
        s.options[2 * i + 1].volume[kind] = 1000.0
        s.firms[i].candidate = 2 * i + 1
    s.firms.capability, s.firms.utility = 1.0, 10.0
    s.firms.choice = s.firms.choice_candidate = 1.0
    s.networks[kind].season = 1
    publish_bookings(s, 1)
    return s


def in_first_row(s):
    """Firm 0 runs its second option and prefers the first row of the table."""
    first, second = s.options[0].copy(), s.options[1].copy()
    s.options[0], s.options[1] = second, first
    s.firms[0].option, s.firms[0].candidate = 1, 0
    return s


@pytest.mark.parametrize("stage", STAGES)
def test_only_firms_at_rest_pledge(stage):
    s = keen()
    s.firms[0].stage = stage
    assert wants_to_pledge(s, 0, 0) == (stage in (IDLE, OPERATING))


@pytest.mark.parametrize("stage", STAGES)
def test_only_firms_without_a_commitment_works_or_failure_sign(stage):
    s = keen()
    s.firms[0].stage = stage
    assert signs(s, 0, 1) == (stage in (IDLE, PLEDGED, OPERATING))


@pytest.mark.parametrize("stage", STAGES)
def test_only_firms_without_works_or_failure_invest(stage):
    s = keen()
    s.options[1].volume[0] = 0.0
    s.firms[0].stage = stage
    assert invests(s, 0, 1) == (stage in (IDLE, PLEDGED, COMMITTED, OPERATING))


def test_an_option_in_the_first_row_of_the_table_is_pledged_signed_and_decided_like_any_other():
    s = in_first_row(keen())
    assert wants_to_pledge(s, 0, 0)
    assert signs(s, 0, 1)
    s.options[0].volume[0] = 0.0
    assert invests(s, 0, 1)


def test_a_draw_that_equals_the_chance_is_a_no():
    s = keen()
    firm = s.firms[0]
    s.parameters.pledge_probability_per_year = uniform(1, 0, PLEDGE, firm.id, 4)
    assert not wants_to_pledge(s, 0, 4)
    firm.capability = uniform(1, 0, COMMIT, firm.id, 4)  # at a gain of 10 the chance is the capability
    assert not signs(s, 0, 4)
    s.options[1].volume[0] = 0.0
    firm.stage, firm.capability = COMMITTED, uniform(1, 0, INVEST, firm.id, 4)
    assert not invests(s, 0, 4)


@pytest.mark.parametrize(("capex", "pledges"), [(1800.0, False), (1200.0, True)])
def test_a_pledge_needs_a_gain_but_less_than_its_cost_is_enough(capex, pledges):
    s = small_state(firms=1, **SURE)
    s.firms[0].candidate, s.firms[0].hurdle = 1, 0.0
    s.options[1].capex_meur = capex  # 20 years of 900 kt at 100 EUR/t bring 1800 MEUR
    assert wants_to_pledge(s, 0, 0) == pledges


def test_every_firm_may_pledge_and_none_has_honoured_its_pledge_yet():
    s = keen(firms=2)
    s.firms.c1_honoured = 1
    make_pledges(s, 4)
    assert s.firms.stage.tolist() == [PLEDGED, PLEDGED]
    assert s.firms.c1_due.tolist() == [12, 12]
    assert s.firms.c1_honoured.tolist() == [0, 0]


@pytest.mark.parametrize("kind", range(N_KINDS))
def test_a_firm_signs_for_any_kind_of_network(kind):
    s = keen(kind=kind)
    s.firms[0].c2_due = 3
    sign_commitments(s, 1)
    firm = s.firms[0]
    assert (firm.stage, firm.c1_honoured, firm.c2_lapse, firm.c2_due) == (COMMITTED, 1, 9, NEVER)


def test_what_is_signed_is_published_in_the_same_quarter_and_only_then():
    s = keen()
    published = []
    for t, act in ((1, None), (1, sign_commitments), (2, None)):
        s.networks[0].signed = -1.0  # stays where nothing is published
        if act:
            act(s, t)
        publish_signed(s, t)
        published.append(float(s.networks[0].signed))
    assert published == [-1.0, 1000.0, -1.0]


# Promises that are due.


def test_a_commitment_stands_until_the_quarter_in_which_it_lapses():
    s = promised(0.0, stage=COMMITTED, c2_lapse=9)
    observe_firms(s, 8)
    assert (s.firms[0].stage, s.account[0].lost_development_meur) == (COMMITTED, 0.0)


def test_a_firm_that_decided_has_no_commitment_left_to_lapse():
    s = promised(0.0, stage=FID, c2_lapse=9)
    observe_firms(s, 9)
    assert (s.firms[0].stage, s.account[0].lost_development_meur) == (FID, 0.0)


def test_a_commitment_that_lapses_gives_back_the_capacity_that_it_held():
    s = promised(0.0, stage=COMMITTED, c2_lapse=9)
    s.firms[0].booked[0], s.networks[0].booked = 400.0, 700.0
    observe_firms(s, 9)
    assert (s.firms[0].booked[0], s.networks[0].booked) == (0.0, 300.0)


@pytest.mark.parametrize("due", [0, 9])
def test_a_breach_costs_the_development_too_and_is_over(due):
    s = promised(0.0, stage=COMMITTED, c2_due=due)
    s.options[1].capex_meur = 250.0
    observe_firms(s, due)
    assert s.account.lost_development_meur.tolist() == pytest.approx([7.5, 0.0])  # 3 % of 250
    assert (s.firms[0].stage, s.firms[0].breaches, s.firms[0].c2_due) == (IDLE, 1, NEVER)


def test_a_signal_that_equals_the_transparency_stays_hidden():
    s = promised(0.0, stage=PLEDGED, c1_due=8)
    s.pacts[0].transparency = uniform(1, 0, PUBLIC_SIGNAL, s.firms[0].id, 8)
    observe_firms(s, 8)
    assert not s.firms[0].broken_now.any()


def test_a_plant_that_waits_for_a_late_network_is_looked_at_again_in_the_next_quarter():
    s = small_state(firms=1)
    s.firms[0].candidate, s.firms[0].stage, s.firms[0].c3_due = 1, BUILDING, 8
    s.options[1].volume[0], s.networks[0].stage = 400.0, NET_BUILDING
    observe_firms(s, 8)
    assert s.firms[0].c3_due == 9


# Boards that decide.


@pytest.mark.parametrize(
    ("fields", "chance"),
    [
        ({}, 1 - 0.6**0.25),  # any option: 0.5 * 0.8 a year
        ({"strike": 0.5}, 1 - 0.6**0.25),  # an award counts from the next board on, which then weighs its candidate alone
        ({"stage": COMMITTED}, 0.2),  # its network is decided: at once
    ],
)
def test_a_firm_invests_below_its_chance(fields, chance, monkeypatch):
    s = keen()
    s.options[1].volume[0], s.firms.capability, s.firms.choice, s.firms.choice_candidate = 0.0, 0.5, 0.8, 0.4
    for name, value in fields.items():
        setattr(s.firms[0], name, value)
    assert draws_yes(monkeypatch, s, chance - 1e-9)
    assert not draws_yes(monkeypatch, s, chance + 1e-9)


def draws_yes(monkeypatch, s, draw):
    """Whether firm 0 invests if that is what it draws; the rule runs as Python."""
    monkeypatch.setattr(clusterpact.agents.ladder, "uniform", lambda *_: draw)
    return getattr(invests, "py_func", invests)(s, 0, 1)


def test_a_draw_that_equals_the_hazard_of_a_quarter_is_a_no(monkeypatch):
    s = keen()
    s.options[1].volume[0], s.firms[0].choice = 0.0, 1 - 0.25**4
    assert not draws_yes(monkeypatch, s, 0.75)
    assert draws_yes(monkeypatch, s, 0.7499)


def test_a_board_that_chose_nothing_does_not_invest():
    s = keen()
    s.options[1].volume[0], s.firms[0].choice = 0.0, 0.0
    s.firms[0].stage = COMMITTED
    assert not invests(s, 0, 1)


@pytest.mark.parametrize("family", range(N_FAMILIES))
def test_the_ceiling_of_its_family_scales_the_hazard_but_not_a_commitment(family, monkeypatch):
    ceilings = {f"{name}_ceiling_per_year": 0.2 + 0.1 * k for k, name in enumerate(FAMILIES)}
    s = keen(**ceilings)
    s.options[1].volume[0], s.technologies[CLEAN].family = 0.0, family
    s.firms.capability, s.firms.choice, s.firms.choice_candidate = 0.5, 0.8, 0.4
    chance = 1 - (1 - (0.2 + 0.1 * family) * 0.5 * 0.8) ** 0.25
    assert draws_yes(monkeypatch, s, chance - 1e-9)
    assert not draws_yes(monkeypatch, s, chance + 1e-9)
    s.firms[0].stage = COMMITTED
    assert draws_yes(monkeypatch, s, 0.1999)
    assert not draws_yes(monkeypatch, s, 0.2)


def test_firms_apply_for_finance_once():
    s = keen(firms=2)
    s.options.volume[:] = 0.0
    s.firms[0].choice = 0.0
    decide_firms(s, 1)
    assert s.firms.applied.tolist() == [0, 1]
