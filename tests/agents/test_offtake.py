"""R7: buyers sign for low-carbon products of plants that they trust, at a premium that boards, lenders and books count."""

import numpy as np
import pytest

from clusterpact.agents.chance import BUYER_LEAVES, OFFTAKE, uniform
from clusterpact.agents.offtake import (
    observe_buyers,
    sign_offtakes,
    willingness,
)
from clusterpact.agents.output import close_plants
from clusterpact.agents.vocabulary import (
    BY_FINANCIER,
    BY_FIRM,
    CLOSED_DOWN,
    FAILED,
)
from tests.agents.appraising import HURDLE, annuity
from tests.agents.offtake_worlds import (
    AUTUMN,
    GLASS,
    HELP,
    PREMIUM,
    SEEN,
    buying,
    ended,
    ever_signs,
    evidence,
    signing,
    under_contract,
)
from tests.worlds.small import NEVER

# Who signs.


def test_a_buyer_signs_as_often_as_it_wants_to_and_trusts():
    found, draws = signing(buying())
    np.testing.assert_array_equal(found, draws < 0.3 * 0.5)
    assert found.any()


@pytest.mark.parametrize(("kept", "broken", "disposition", "trusts"), [
    (2.0, 0.0, 0.5, 0.75), (0.0, 2.0, 0.5, 0.25), (0.0, 0.0, 0.9, 0.9), (0.0, 0.0, 0.1, 0.1),
])  # fmt: skip
def test_it_trusts_what_buyers_and_firms_saw_of_the_plant(kept, broken, disposition, trusts):
    s = buying()
    s.firms[0].kept[BY_FIRM], s.firms[0].broken[BY_FIRM], s.buyers[0].disposition = kept, broken, disposition
    s.firms[0].broken[BY_FINANCIER] = 9.0  # what lenders saw is theirs
    found, draws = signing(s)
    np.testing.assert_array_equal(found, draws < 0.3 * trusts)


def test_every_pair_of_buyer_and_plant_has_luck_of_its_own():
    s = buying(firms=2, buyers=2)
    draws = {uniform(1, 0, OFFTAKE, firm.id ^ buyer.id, AUTUMN) for firm in s.firms for buyer in s.buyers}
    assert len(draws) == 4


def test_a_buyer_follows_peers_that_buy_the_same_in_its_place():
    """Of 400 + 200 kt that two peers would buy 300 are under contract: S is a half."""
    s = buying(buyers=6, norm_weight=0.2)
    s.buyers.volume_kt[2], s.buyers.signed_kt[1] = 200.0, 300.0
    s.buyers.product[3], s.buyers.cluster[4], s.buyers.product[5] = GLASS, 1, GLASS
    s.buyers.signed_kt[3:] = 400.0
    s.buyers.signed_kt[0] = 100.0  # its own volume is no peer's
    assert willingness(s, 0, AUTUMN) == pytest.approx(1 - 0.7 * (1 - 0.2 * 0.5))


@pytest.mark.parametrize(("procurement", "public", "quota", "chance"), [
    (0.5, 0.4, 0.0, 1 - 0.7 * 0.8), (0.5, 0.0, 0.0, 0.3), (1.0, 1.0, 0.0, 1.0), (0.0, 0.4, 0.6, 1 - 0.7 * 0.4),
    (0.5, 0.4, 0.6, 1 - 0.7 * 0.8 * 0.4),
])  # fmt: skip
def test_public_procurement_and_quotas_make_buyers_want_to_sign(procurement, public, quota, chance):
    s = buying()
    s.policy.public_procurement_share[1:], s.policy.product_quota_share[1:] = procurement, quota
    s.buyers.public_share = public
    assert willingness(s, 0, 4 + AUTUMN) == pytest.approx(chance)
    assert willingness(s, 0, AUTUMN) == pytest.approx(0.3)  # the year before


@pytest.mark.parametrize(("firm", "buyer"), [
    ({"product": GLASS}, {}), ({}, {"cluster": 1}), ({}, {"signed_kt": 400.0}), ({"buyer": 0}, {}), ({"stage": FAILED}, {}),
    ({"stage": CLOSED_DOWN}, {}), ({"candidate": 2}, {}), ({"candidate": NEVER}, {}),
])  # fmt: skip
def test_there_is_no_contract_without_a_low_carbon_product_to_offer_and_volume_left(firm, buyer):
    s = buying(options_per_firm=3, buyer_signs_per_year=1.0)
    s.options.is_low_carbon = [0, 1, 0]
    assert ever_signs(s)
    for name, change in firm.items():
        s.firms[0][name] = change
    for name, change in buyer.items():
        s.buyers[0][name] = change
    assert not ever_signs(s)


def test_what_runs_already_is_offered_too():
    s = buying(buyer_signs_per_year=1.0)
    s.firms[0].option, s.firms[0].candidate, s.firms[0].value = 1, NEVER, -1.0
    assert ever_signs(s)


@pytest.mark.parametrize(("changes", "help_"), [
    ({}, HELP), ({"signed_kt": 300.0}, HELP / 4), ({"premium": 25.0}, HELP / 2), ({"volume_kt": 5000.0}, HELP * 2.5),
    ({"contract_quarters": 40}, PREMIUM * annuity(1, 10) / 100),
])  # fmt: skip
@pytest.mark.parametrize(("factor", "signs"), [(0.999, True), (1.001, False)])
def test_a_product_must_pay_at_least_with_the_premium_on_what_the_buyer_has_left_to_buy(changes, help_, factor, signs):
    s = buying(buyer_signs_per_year=1.0)
    for name, change in changes.items():
        s.buyers[0][name] = change
    s.firms[0].hurdle, s.firms[0].value = HURDLE, -factor * help_
    assert ever_signs(s) is np.bool_(signs)
    s.firms[0].value = 0.01
    assert ever_signs(s)  # what pays without it needs no help


# The contract.


@pytest.mark.parametrize(("t", "first", "signs"), [(3, 0, True), (2, 0, False), (4, 0, False), (7, 8, False), (11, 8, True)])
def test_buyers_sign_in_autumn_from_their_first_year_on(t, first, signs):
    s = buying(buyer_signs_per_year=1.0)
    s.buyers.first_quarter, s.buyers.disposition = first, 1.0
    sign_offtakes(s, t)
    assert (s.firms[0].buyer == 0) == signs
    assert s.account[0].offtakes_signed == signs


def test_a_contract_holds_volume_and_date_and_the_next_plant_gets_what_is_left():
    s = buying(firms=3, buyer_signs_per_year=1.0)
    s.firms.candidate, s.firms.value, s.buyers.disposition = [1, 3, 5], 0.2, 1.0
    s.firms.output_kt = [300.0, 1000.0, 1000.0]
    sign_offtakes(s, 3)
    assert list(s.firms.buyer) == [0, 0, NEVER]
    assert list(s.firms.offtake_kt) == [300.0, 100.0, 0.0]
    assert list(s.firms.offtake_due) == [27, 27, NEVER]  # the first of it within six years
    assert list(s.firms.offtake_until) == [NEVER] * 3
    assert (s.buyers[0].signed_kt, s.account[0].offtakes_signed) == (400.0, 2.0)


def test_a_contract_begins_when_the_plant_makes_the_product_and_that_is_a_promise_kept():
    s = under_contract()
    observe_buyers(s, 11)
    assert (s.firms[0].offtake_until, s.firms.kept_now.any()) == (NEVER, False)
    s.firms[0].option = 1
    observe_buyers(s, 12)
    assert s.firms[0].offtake_until == 12 + 32
    assert evidence(s.firms[0], "kept") == SEEN
    assert not s.firms.broken_now.any()
    s.firms.kept_now = 0.0
    observe_buyers(s, 13)
    assert not s.firms.kept_now.any()  # seen once


def test_a_plant_that_does_not_deliver_within_six_years_breaks_its_contract():
    s = under_contract()
    observe_buyers(s, 26)
    assert not ended(s)
    observe_buyers(s, 27)
    assert ended(s)
    assert evidence(s.firms[0], "broken") == SEEN
    assert (s.account[0].offtakes_broken, s.account[0].offtakes_kept, s.buyers.broken_now.any()) == (1.0, 0.0, False)


def test_a_plant_that_goes_back_to_what_it_ran_breaks_its_contract():
    s = under_contract(running=True)
    observe_buyers(s, 20)
    assert not ended(s)
    s.firms[0].option = 0
    observe_buyers(s, 21)
    assert ended(s)
    assert evidence(s.firms[0], "broken") == SEEN
    assert s.account[0].offtakes_broken == 1.0


def test_all_units_of_a_plant_are_known_by_its_contract():
    s = under_contract(firms=3)
    s.firms.site, s.firms.units = [0, 0, 2], [2, 2, 1]
    observe_buyers(s, 27)
    assert s.firms.broken_now[:, BY_FIRM].tolist() == [1.0, 1.0, 0.0]


def test_a_buyer_that_pays_to_the_end_keeps_its_word():
    s = under_contract(running=True)
    observe_buyers(s, 39)
    assert not ended(s)
    observe_buyers(s, 40)
    assert ended(s)
    assert evidence(s.buyers[0], "kept") == SEEN
    assert (s.account[0].offtakes_kept, s.account[0].offtakes_broken, s.firms.kept_now.any()) == (1.0, 0.0, False)


def test_a_buyer_that_leaves_a_running_contract_is_seen_to_break_it():
    left = 0
    for run in range(200):
        s = under_contract(running=True, buyer_leaves_per_year=0.4)
        s.world[0].run = run
        observe_buyers(s, 20)
        leaves = uniform(1, run, BUYER_LEAVES, s.firms[0].id, 20) < 0.1
        assert ended(s) == leaves
        assert evidence(s.buyers[0], "broken") == {name: leaves * weight for name, weight in SEEN.items()}
        assert (s.account[0].offtakes_broken, s.firms.broken_now.any()) == (leaves, False)
        left += leaves
    assert 0 < left < 200


def test_no_buyer_leaves_before_the_product_is_there():
    s = under_contract(buyer_leaves_per_year=4.0)
    observe_buyers(s, 20)
    assert not ended(s)


def test_a_plant_that_closes_ends_its_contract_and_breaks_none():
    s = under_contract(running=True, closure_level=1.0)
    s.firms.closure_per_year = 4.0
    close_plants(s, 20)
    assert ended(s)
    assert (s.account[0].offtakes_broken, s.firms.broken_now.any(), s.buyers.broken_now.any()) == (0.0, False, False)
