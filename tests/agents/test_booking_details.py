"""R2: bookings on every kind of network, of any size, published anew each quarter."""

import pytest

from clusterpact.agents.bookings import (
    belief,
    lacks_network,
    note_volumes,
    promise_line,
    publish_bookings,
    release,
    renew_bookings,
    reserve,
    wanted_volume,
)
from clusterpact.agents.vocabulary import BY_FIRM, BY_OPERATOR, COMMITTED, NET_BUILDING, NET_OPERATING, ORCHESTRATOR, PLEDGED
from tests.worlds.small import small_state

VOLUMES = [0.5, 20.0, 30.0, 40.0]


def four_networks(**parameters):
    """Two firms that want a different volume of each of four networks; the second one has pledged."""
    s = small_state(networks=4, **parameters)
    s.options.volume[1::2] = VOLUMES
    s.firms.candidate = [1, 3]
    s.firms[1].stage = PLEDGED
    return s


def test_the_option_of_the_first_row_is_wanted_like_any_other():
    s = small_state()
    s.options[0].volume[0] = 400.0
    s.firms[0].candidate, s.firms[0].stage = 0, COMMITTED
    assert wanted_volume(s, s.firms[0], 0) == 400.0
    publish_bookings(s, 0)
    assert s.networks[0].signed == 400.0


@pytest.mark.parametrize("kind", range(4))
def test_a_firm_lacks_any_one_network_that_is_undecided_however_little_it_needs(kind):
    s = four_networks()
    s.networks.stage, s.networks.capacity = NET_OPERATING, 1000.0
    assert not lacks_network(s, s.firms[0])
    s.networks[kind].stage = 0
    assert lacks_network(s, s.firms[0])


def test_capacity_is_reserved_on_every_network_and_given_back_but_for_what_the_plant_runs_on():
    s = four_networks()
    s.networks.booked = [100.0, 200.0, 300.0, 400.0]
    s.options[0].volume[:] = [0.0, 5.0, 30.0, 1.0]
    reserve(s, s.firms[0])
    assert s.firms[0].booked.tolist() == VOLUMES
    assert s.networks.booked.tolist() == [100.5, 220.0, 330.0, 440.0]
    release(s, s.firms[0])
    assert s.firms[0].booked.tolist() == [0.0, 5.0, 30.0, 1.0]
    assert s.networks.booked.tolist() == [100.0, 205.0, 330.0, 401.0]


@pytest.mark.parametrize("candidate", [-1, 1])
def test_a_firm_that_wants_no_capacity_reserves_and_gives_back_none_where_there_are_no_networks(candidate):
    s = small_state(networks=0)
    s.firms[0].candidate = candidate
    reserve(s, s.firms[0])
    release(s, s.firms[0])
    assert not s.firms[0].booked.any()


def test_a_commitment_removes_doubt_of_the_record_and_of_the_disposition_alike():
    s = small_state(bindingness=0.6)
    firm = s.firms[0]
    firm.kept[BY_FIRM], firm.broken[BY_FIRM] = 3.0, 1.0  # trust 3/6 + 2/6 a
    assert promise_line(s, firm) == pytest.approx((1 / 2, 1 / 3))
    firm.stage = COMMITTED
    assert promise_line(s, firm) == pytest.approx((0.6 + 0.4 / 2, 0.4 / 3))


def test_bookings_are_summed_anew_at_every_publication_on_the_network_of_each_kind():
    s = four_networks(bindingness=0.6)
    firm = s.firms[1]
    firm.stage = COMMITTED
    firm.kept[BY_FIRM], firm.broken[BY_FIRM] = 3.0, 1.0  # promise 0.8 + 0.4/3 a
    firm.kept[BY_OPERATOR], firm.broken[BY_OPERATOR] = 1.0, 1.0  # trust of an operator of 0.5: (1 + 1) / 4
    for t in range(2):
        publish_bookings(s, t)
        for network, q in zip(s.networks, VOLUMES, strict=True):
            b = 0.4 / 3
            assert network.mu.tolist() == pytest.approx([0.8 * q, b * q])
            assert network.variance.tolist() == pytest.approx([0.16 * q * q, (b - 1.6 * b) * q * q, -b * b * q * q])
            assert (network.signed, network.believed) == pytest.approx((q, q * (0.5 + 0.5 * 0.6)))


def test_a_volume_without_a_network_to_bring_it_to_is_booked_nowhere():
    s = small_state()
    s.options[1].volume[1] = 20.0  # the cluster has no second kind of network
    s.firms[0].candidate, s.firms[0].stage = 1, COMMITTED
    publish_bookings(s, 0)
    assert (s.networks[0].signed, s.networks[0].mu[0]) == (0.0, 0.0)


def test_bookings_are_published_only_where_an_orchestrator_runs_the_pact():
    s = small_state()
    publish_bookings(s, 0)
    assert s.networks[0].published == 0
    s.pacts[0].mode = ORCHESTRATOR
    publish_bookings(s, 1)
    assert s.networks[0].published == 1


@pytest.mark.parametrize(("decided", "signed"), [(None, 9.0), (0, 20.0), (1, 20.0), (3, 20.0)])
def test_bookings_are_published_again_in_a_quarter_in_which_any_network_was_decided(decided, signed):
    s = four_networks()
    s.firms[1].stage = COMMITTED
    s.networks.signed, s.networks.fid_quarter = 9.0, 4
    if decided is not None:
        s.networks[decided].fid_quarter = 5
    renew_bookings(s, 5)
    assert s.networks[1].signed == signed


def test_a_firm_notes_what_others_bring_to_every_network_that_is_not_decided():
    s = four_networks()
    publish_bookings(s, 0)
    s.firms[0].others_volume[:] = 7.0
    s.networks[1].stage = NET_BUILDING
    s.firms[0].network[2] = -1
    note_volumes(s, s.firms[0])
    assert s.firms[0].others_volume.tolist() == [0.25, 7.0, 7.0, 20.0]  # a pledge is worth a half


def test_doubt_about_a_small_volume_is_doubt_nevertheless():
    s = small_state()
    s.options.volume[1::2, 0] = 1.0
    s.firms.candidate, s.firms[1].stage, s.pacts[0].mode = [1, 3], PLEDGED, ORCHESTRATOR
    s.networks[0].phase = 1.5  # threshold 1.2, expected 1.5 with a standard deviation of 0.5
    publish_bookings(s, 0)
    assert belief(s, 0, 0) == pytest.approx(0.725747)  # the normal distribution at 0.6
