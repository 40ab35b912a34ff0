"""R7, second half: what buyers' contracts are worth, the gate of no buyer, whole runs."""

import dataclasses

import pytest

from clusterpact.agents.default import cash_flow
from clusterpact.agents.lenders import take_fid
from clusterpact.agents.offtake import (
    end_offtake,
    observe_buyers,
    premium_paid,
    sign_offtakes,
    value_of_offtake,
)
from clusterpact.agents.trust import trust, update_trust
from clusterpact.agents.vocabulary import (
    BY_FINANCIER,
    BY_FIRM,
    GATE_BANK,
    GATE_BELIEF,
    GATE_BUYER,
    GATE_NETWORK,
    GATE_PROFIT,
    GATE_WINDOW,
    NO_GATE,
)
from clusterpact.experiments.making.starter import STARTER
from clusterpact.sim.books import keep_accounts
from clusterpact.sim.measures import PRIVATE_LINES, PUBLIC_LINES
from clusterpact.sim.scenario import read_scenario
from tests.agents.appraising import CRF_5_PERCENT, HURDLE, annuity, asking, funded, stressed, value
from tests.agents.offtake_worlds import (
    GLASS,
    PREMIUM,
    RUNS,
    appraised,
    at_gate,
    bare,
    buying,
    public_buyers,
    recorded,
    run,
    short_of_profit,
    under_contract,
)
from tests.worlds.small import paper


@pytest.fixture(scope="module")
def starter():
    return read_scenario(STARTER)


def test_what_was_seen_of_a_buyer_moves_the_trust_in_it():
    s = under_contract(running=True, buyer_leaves_per_year=4.0, breach_weight=2.0)
    observe_buyers(s, 20)
    update_trust(s, 20)
    buyer = s.buyers[0]
    assert trust(buyer.kept[BY_FIRM], buyer.broken[BY_FIRM], 0.5) == pytest.approx(1 / 4)  # one breach weighs two
    keep_accounts(s, 23)
    assert s.account[0].trust_in_buyers == pytest.approx(1 / 4)


def test_two_buyers_do_not_sign_for_the_same_plant():
    s = buying(buyers=2, buyer_signs_per_year=1.0)
    s.buyers.disposition = 1.0
    sign_offtakes(s, 3)
    assert (s.firms[0].buyer, list(s.buyers.signed_kt)) == (0, [400.0, 0.0])
    end_offtake(s, 0, False)
    s.buyers.volume_kt[0] = 0.0
    sign_offtakes(s, 7)
    assert (s.firms[0].buyer, list(s.buyers.signed_kt)) == (1, [0.0, 400.0])


@pytest.mark.parametrize(("kept", "broken", "trusts"), [(0.0, 0.0, 0.5), (2.0, 0.0, 0.75), (0.0, 2.0, 0.25)])
def test_a_contract_adds_its_discounted_premium_as_far_as_the_buyer_is_trusted(kept, broken, trusts):
    s = appraised()
    s.buyers[0].kept[BY_FIRM], s.buyers[0].broken[BY_FIRM] = kept, broken
    assert paper(s).hurdle == pytest.approx(HURDLE)
    added = trusts * PREMIUM * annuity(1, 8)
    assert value(s) - value(bare(s)) == pytest.approx(added / 100)
    assert value(bare(s)) == pytest.approx((90 * annuity(1, 20) - 100) / 100)


@pytest.mark.parametrize(("quarters", "life", "years"), [(40, 20.0, 10), (32, 5.0, 5), (80, 20.0, 20)])
def test_a_contract_brings_no_more_than_its_years_and_those_of_the_plant(quarters, life, years):
    s = appraised()
    s.buyers.contract_quarters, s.options.life_years = quarters, life
    assert value(s) - value(bare(s)) == pytest.approx(0.5 * PREMIUM * annuity(1, years) / 100)


def test_time_for_permits_puts_the_premium_off():
    s = appraised(permit_quarters=6.0)
    assert value(s) - value(bare(s)) == pytest.approx(0.5 * PREMIUM * annuity(1, 8, lead=3.5) / 100)


def test_an_option_whose_product_is_not_low_carbon_gets_no_premium():
    s = appraised(options_per_firm=3)
    s.options.is_low_carbon = [0, 1, 0]
    assert value(s, 2) == value(bare(s), 2)


@pytest.mark.parametrize(("until", "years"), [(40, 8), (30, 5), (12, 1), (11, 0), (4, 0)])
def test_who_turns_away_from_a_running_contract_loses_what_is_left_of_it(until, years):
    """In quarter 0, two years before the next plant could run: ten years are left to quarter 40, eight of them after it."""
    s = appraised(options_per_firm=3)
    s.options.is_low_carbon = [0, 1, 0]
    firm = s.firms[0]
    firm.option, firm.offtake_until = 1, until
    lost = value_of_offtake(s, firm, s.options[2], HURDLE, 2.0, 0)
    assert lost == pytest.approx(-0.5 * PREMIUM * (annuity(1, years) if years else 0.0))


def test_the_next_low_carbon_plant_gets_nothing_that_the_first_does_not_get_already():
    s = appraised(options_per_firm=3)
    s.options.is_low_carbon = [0, 1, 1]
    s.firms[0].option, s.firms[0].offtake_until = 1, 40
    assert value_of_offtake(s, s.firms[0], s.options[2], HURDLE, 2.0, 0) == 0.0


@pytest.mark.parametrize(
    ("quarters", "kept", "counted"), [(32, 0.0, 0.5 * 8 / 15), (32, 2.0, 0.75 * 8 / 15), (80, 0.0, 0.5)]
)
def test_lenders_count_a_premium_in_full_as_far_as_they_trust_the_buyer_over_the_tenor(quarters, kept, counted):
    s = asking(appraised(base_rate_trust=0.5))
    s.buyers.contract_quarters, s.buyers[0].kept[BY_FINANCIER] = quarters, kept
    s.buyers[0].broken[BY_FIRM] = 9.0  # what firms saw is theirs
    assert stressed(s) - stressed(bare(s)) == pytest.approx(counted * PREMIUM)


def test_a_buyers_contract_carries_debt_that_the_project_alone_does_not():
    """0.56 of 90 MEUR/year less 54 serve no loan; 4/15 of the premium more, 1.73 MEUR/year, do, at a cover of 1.3."""
    s = asking(appraised())
    s.options[1].opex_meur = 54.0
    s.owners.budget_meur = 90.0
    assert (funded(bare(s)).gate, funded(bare(s)).debt_meur) == (GATE_BANK, 0.0)
    assert funded(s).gate == NO_GATE
    assert funded(s).debt_meur == pytest.approx((0.56 * 90 - 54 + 4 / 15 * PREMIUM) / (1.3 * CRF_5_PERCENT))


def test_a_project_that_pays_with_its_contract_alone_is_decided():
    s = asking(appraised())
    s.options[1].opex_meur = 75.0
    assert value(bare(s)) < 0.0 < value(s)
    take_fid(s, 0, 0)
    assert s.firms[0].fid_quarter == 0


@pytest.mark.parametrize(("output", "share"), [(1.0, 1.0), (0.8, 0.8), (1.3, 1.0)])
@pytest.mark.parametrize("running", [True, False])
def test_the_premium_is_paid_once_the_product_comes_for_as_much_as_there_is(output, share, running):
    s = under_contract(running=running)
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.output = 1, 0, output
    without = bare(s)
    assert premium_paid(s, firm) == pytest.approx(share * PREMIUM * running)
    assert cash_flow(s, 0, 20) - cash_flow(without, 0, 20) == pytest.approx(share * PREMIUM * running)


@pytest.mark.parametrize("public", [0.0, 0.3, 1.0])
def test_the_public_hand_pays_its_share_and_other_buyers_the_rest(public):
    s = under_contract(running=True)
    s.buyers.public_share = public
    for t in range(20, 24):
        keep_accounts(s, t)
    assert s.account[0].procurement_meur == pytest.approx(public * PREMIUM)
    assert s.account[0].offtake_meur == pytest.approx((1 - public) * PREMIUM)
    assert ("procurement_meur" in PUBLIC_LINES, "offtake_meur" in PRIVATE_LINES) == (True, True)


def test_a_candidate_that_would_pay_with_a_buyer_stands_at_the_gate_of_no_buyer():
    assert at_gate(short_of_profit()) == GATE_BUYER


@pytest.mark.parametrize(("firm", "buyer"), [
    ({}, {"signed_kt": 400.0}), ({}, {"premium": 5.0}), ({}, {"product": GLASS}), ({}, {"cluster": 1}),
    ({}, {"first_quarter": 4}), ({"buyer": 0}, {}), ({"candidate": 0, "option": 1}, {}), ({"value": -0.9}, {}),
])  # fmt: skip
def test_where_no_buyer_would_make_it_pay_it_stands_at_the_gate_of_profit(firm, buyer):
    s = short_of_profit()
    for name, change in firm.items():
        s.firms[0][name] = change
    for name, change in buyer.items():
        s.buyers[0][name] = change
    assert at_gate(s) == GATE_PROFIT


def test_any_of_several_buyers_would_do():
    s = short_of_profit(buyers=3)
    s.buyers.product[0], s.buyers.premium[1] = GLASS, 1.0
    assert at_gate(s) == GATE_BUYER


def test_other_gates_that_come_first_are_named_first():
    s = short_of_profit()
    s.firms[0].value_unstranded = 0.1
    assert at_gate(s) == GATE_WINDOW
    s.firms[0].blocked = GATE_NETWORK
    assert at_gate(s) == GATE_BELIEF


@pytest.mark.horizon
def test_public_procurement_moves_projects_that_do_not_pay_over_their_gate(starter):
    """Under paired luck the furnaces are decided in more runs, and stand for a shorter time before the gate of no buyer."""
    world, alone = run(public_buyers(starter))
    helped = run(public_buyers(starter), public_procurement_share=1.0)[1]
    furnaces = [i for i, firm in enumerate(world.firm_ids) if firm.startswith("glass-works")]
    before, after = (arrays.projects[:, furnaces, 1] >= 0 for arrays in (alone, helped))
    more, less = (after & ~before).sum(axis=0), (before & ~after).sum(axis=0)
    assert (more > RUNS / 10).all()
    assert (more > 4 * less).all()
    waiting = [(arrays.gates[:, furnaces] == GATE_BUYER).mean() for arrays in (alone, helped)]
    assert waiting[1] < 0.6 * waiting[0]
    signed = [arrays.series["offtakes_signed"].sum(axis=1) for arrays in (alone, helped)]
    assert (signed[1] >= signed[0]).mean() > 0.9
    assert helped.series["procurement_meur"].sum() > alone.series["procurement_meur"].sum() > 0.0
    assert not helped.series["offtake_meur"].any()  # the public hand pays all of it


@pytest.mark.horizon
def test_public_procurement_does_nothing_where_nobody_buys_for_the_public(starter):
    private = public_buyers(starter, public_share=0.0)
    runs = [run(private, 50, **instruments)[1] for instruments in ({}, {"public_procurement_share": 1.0})]
    assert recorded(runs[0]) == recorded(runs[1])
    assert runs[0].series["offtake_meur"].any()


@pytest.mark.horizon
def test_without_buyers_nothing_changes_by_a_bit(starter):
    """Neither by what buyers would do, nor by policies that name them, nor by buyers whose first year never comes."""
    none = dataclasses.replace(starter, buyers=())
    usual = recorded(run(none, 50)[1], "trust_in_buyers")
    assert (
        recorded(run(none, 50, {"buyer_signs_per_year": 0.5, "buyer_leaves_per_year": 0.1})[1], "trust_in_buyers") == usual
    )
    helped = run(none, 50, public_procurement_share=1.0, product_quota_share=1.0)[1]
    assert recorded(helped, "trust_in_buyers") == usual
    later = run(public_buyers(starter, from_year=2051), 50, product_quota_share=1.0)[1]
    assert recorded(later, "trust_in_buyers") == usual
    assert recorded(run(public_buyers(starter), 50, product_quota_share=1.0)[1], "trust_in_buyers") != usual
