"""R6, C5: what was announced is held against what was paid: prices, grants, instruments that are cut."""

import numpy as np
import pytest

from clusterpact.agents.governments import observe_governments, price_kept, promise_size, support_kept, withdrawn_share
from clusterpact.agents.lenders import lend
from clusterpact.agents.vocabulary import AWARDS_SUPPORT, BY_FIRM, GOVERNS_PACT, GRANTS
from clusterpact.policies.catalogue import POLICY_DTYPE
from tests.worlds.pair import small_pair
from tests.worlds.small import small_state


def announcing(rise=20.0, paid=0.0):
    """The price is announced to rise from 100 EUR/t by `rise` a year; `paid` above 100 in each of the last four quarters."""
    s = small_state()
    s.market.announced = 100.0
    s.market.in_force = 100.0 + rise * np.arange(26)
    s.spots[0].past_carbon_price[:] = 100.0 + paid
    return s


@pytest.mark.parametrize(
    ("paid", "kept"),
    [(-20.0, 0.0), (0.0, 0.14 / 0.4), (10.0, 0.24 / 0.4), (26.0, 1.0), (40.0, 1.0), (90.0, 1.0)],
)
def test_a_price_is_kept_to_the_degree_that_its_rise_is_paid_and_within_a_tenth_in_full(paid, kept):
    assert price_kept(announcing(paid=paid), 0, 8) == pytest.approx(kept)  # 140 announced: 14 of slack, 40 of rise


@pytest.mark.parametrize(("paid", "kept"), [(0.0, 1.0), (-9.9, 1.0), (-10.1, 0.0)])
def test_a_flat_price_is_kept_or_not(paid, kept):
    assert price_kept(announcing(rise=0.0, paid=paid), 0, 8) == kept


def test_the_price_of_a_year_is_the_mean_of_its_quarters():
    s = announcing()
    s.spots[0].past_carbon_price[:] = [100.0, 100.0, 104.0, 136.0]
    assert price_kept(s, 0, 8) == pytest.approx((10 + 14) / 40)


@pytest.mark.parametrize(("rise", "size"), [(0.0, 1.0), (20.0, 1.0), (60.0, 2.0), (200.0, 4.0)])
def test_an_announcement_weighs_by_the_rise_that_it_promises(rise, size):
    assert promise_size(announcing(rise), 0, 8) == pytest.approx(size)  # two years of rise, per 60 EUR/t


@pytest.mark.parametrize(("promised", "paid", "kept"), [(0.0, 0.0, 1.0), (40.0, 10.0, 0.25), (40.0, 40.0, 1.0)])
def test_support_is_kept_to_the_degree_that_grants_were_paid(promised, paid, kept):
    s = small_state()
    s.governments[1].promised_meur, s.governments[1].paid_meur = promised, paid
    assert support_kept(s, s.governments[1]) == kept


def test_a_grant_that_an_empty_budget_cuts_is_a_promise_kept_in_part():
    s = small_state(firms=1, networks=0)
    s.policy.grant_share, s.pacts[0].budget_left_meur[GRANTS] = 0.4, 10.0
    s.firms[0].candidate, s.firms[0].applied = 1, 1
    lend(s, 1)
    government = s.governments[1]
    assert (government.promised_meur, government.paid_meur, s.firms[0].grant_meur) == pytest.approx((40.0, 10.0, 10.0))
    observe_governments(s, 3)
    assert government.kept_now[BY_FIRM] == pytest.approx(0.25)
    assert government.broken_now[BY_FIRM] == pytest.approx(0.75)
    assert (government.promised_meur, government.paid_meur) == (0.0, 0.0)  # the next year counts anew


def supported(levels, instrument="grant_share", duty=AWARDS_SUPPORT, pair=False):
    """A world with an instrument at these levels in its first years."""
    s = small_pair() if pair else small_state()
    s.instruments.column, s.instruments.duty = POLICY_DTYPE.names.index(instrument), duty
    s.policy[instrument][: len(levels)] = levels
    return s


@pytest.mark.parametrize(
    ("levels", "year", "cut"),
    [([0.4, 0.4], 1, 0.0), ([0.4, 0.3], 1, 0.25), ([0.4, 0.0], 1, 1.0), ([0.3, 0.4], 1, 0.0), ([0.0, 0.0], 1, 0.0),
     ([0.0], 0, 0.0), ([0.4, 0.0, 0.0], 2, 0.0)],
)  # fmt: skip
def test_an_instrument_is_withdrawn_by_the_share_that_is_cut(levels, year, cut):
    assert withdrawn_share(supported(levels), 1, 4 * year) == pytest.approx(cut)


def test_the_government_that_promised_an_instrument_answers_for_its_cut():
    s = supported([1.0, 0.0], "orchestrator", GOVERNS_PACT)
    observe_governments(s, 4)
    assert s.governments.broken_now[:, BY_FIRM].tolist() == [0.0, 0.0, 1.0]


def test_a_cut_is_seen_in_january_only():
    s = supported([1.0, 0.0], "orchestrator", GOVERNS_PACT)
    for t in (5, 6):
        observe_governments(s, t)
    assert not s.governments.broken_now.any()


def test_the_worst_cut_over_a_governments_clusters_counts():
    s = supported([], pair=True)
    s.policy.grant_share[:] = 0.4
    s.policy.grant_share[1], s.policy.grant_share[26 + 1] = 0.3, 0.1
    assert withdrawn_share(s, 1, 4) == pytest.approx(0.75)
