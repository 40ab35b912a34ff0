"""Random numbers: Philox4x32-10 as published, uniform, without memory, and common to all policies."""

import numpy as np
import pytest

from clusterpact.agents.chance import agent_number, normal, normal_cdf, philox4x32, two_normals, two_uniforms, uniform

ALL_ONES = 0xFFFFFFFF
KNOWN_ANSWERS = [  # Random123 kat_vectors, philox4x32 with 10 rounds
    ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
DRAWS = 20_000


def words(text):
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.fixture(scope="module")
def draws():
    return np.array([uniform(7, run, 3, 11, 5) for run in range(DRAWS)])


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, expected):
    assert [int(word) for word in philox4x32(*words(counter), *words(key))] == [int(w) for w in words(expected)]


def test_a_uniform_is_made_of_the_top_53_bits_of_two_words():
    seed, run, stream, agent, quarter = 0x0123456789ABCDEF, 5, 4, 0xFEDCBA9876543210, 37
    counter = [np.uint64(c) for c in (run, (stream << 16) | quarter, agent & ALL_ONES, agent >> 32)]
    block = philox4x32(*counter, np.uint64(seed & ALL_ONES), np.uint64(seed >> 32))
    first, second = (((int(block[k]) >> 5) * 2**26 + (int(block[k + 1]) >> 6)) / 2**53 for k in (0, 2))
    assert two_uniforms(np.uint64(seed), run, stream, np.uint64(agent), quarter) == (first, second)


def test_one_uniform_is_the_first_of_two():
    assert uniform(7, 0, 3, 11, 5) == two_uniforms(7, 0, 3, 11, 5)[0]


def test_two_normals_lie_on_box_and_mullers_circle():
    """Two uniforms u and v give the point at radius sqrt(-2 ln(1 - u)) and at v of a whole turn."""
    for run in range(20):
        u, v = two_uniforms(7, run, 1, 2, 3)
        x, y = two_normals(7, run, 1, 2, 3)
        assert np.hypot(x, y) == pytest.approx(np.sqrt(-2.0 * np.log(1.0 - u)))
        assert np.arctan2(y, x) / (2.0 * np.pi) % 1.0 == pytest.approx(v)


def test_uniforms_lie_in_the_half_open_unit_interval(draws):
    assert draws.min() >= 0.0
    assert draws.max() < 1.0
    assert (2**53 - 1) / 2**53 < 1.0  # the largest number that 53 bits can make


def test_many_uniforms_have_the_mean_and_variance_of_the_uniform_distribution(draws):
    assert draws.mean() == pytest.approx(0.5, abs=5 * np.sqrt(1 / 12 / DRAWS))
    assert draws.var() == pytest.approx(1 / 12, abs=5 * np.sqrt(1 / 180 / DRAWS))  # fourth moment 1/80 - 1/144 = 1/180


def test_uniforms_fill_ten_bins_evenly(draws):
    counts = np.histogram(draws, bins=10, range=(0, 1))[0]
    chi_square = ((counts - DRAWS / 10) ** 2 / (DRAWS / 10)).sum()
    assert chi_square < 27.88  # 0.1 % of the chi-square distribution with 9 degrees of freedom


def test_normals_have_mean_zero_and_variance_one():
    numbers = np.array([two_normals(7, run, 1, 2, 3) for run in range(DRAWS // 2)])
    assert numbers.mean() == pytest.approx(0.0, abs=5 / np.sqrt(DRAWS))
    assert numbers.var() == pytest.approx(1.0, abs=5 * np.sqrt(2 / DRAWS))
    assert np.corrcoef(numbers.T)[0, 1] == pytest.approx(0.0, abs=5 / np.sqrt(DRAWS / 2))


@pytest.mark.parametrize("other", [(8, 0, 3, 11, 5), (7, 1, 3, 11, 5), (7, 0, 4, 11, 5), (7, 0, 3, 12, 5), (7, 0, 3, 11, 6)])
def test_seed_run_stream_agent_and_quarter_each_change_the_draw(other):
    assert uniform(*other) != uniform(7, 0, 3, 11, 5)


def test_different_streams_are_uncorrelated(draws):
    others = np.array([uniform(7, run, 4, 11, 5) for run in range(DRAWS)])
    assert np.corrcoef(draws, others)[0, 1] == pytest.approx(0.0, abs=5 / np.sqrt(DRAWS))


def test_a_draw_has_no_memory_so_two_policies_meet_the_same_luck(draws):
    backwards = [uniform(7, run, 3, 11, 5) for run in reversed(range(100))]
    assert backwards[::-1] == list(draws[:100])


def test_agents_that_differ_only_in_the_high_half_of_their_number_differ_in_luck():
    low, high = np.uint64(5), np.uint64(5 + (1 << 40))
    assert uniform(7, 0, 3, low, 5) != uniform(7, 0, 3, high, 5)


def test_the_number_of_an_agent_hangs_on_its_name_alone_and_fits_64_bits():
    assert agent_number("aluminium-dunkerque") == agent_number("aluminium-dunkerque")
    assert agent_number("a") != agent_number("b")
    assert 0 <= agent_number("a") < 2**64
    assert agent_number("abc") == 0xEACF018FBF1678BA  # SHA-256 as published starts with ba7816bf 8f01cfea


def test_normal_is_the_first_of_two_normals():
    assert normal(7, 0, 1, 2, 3) == two_normals(7, 0, 1, 2, 3)[0]


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.5), (1.959964, 0.975), (-1.281552, 0.1), (40.0, 1.0), (-40.0, 0.0)])
def test_the_normal_distribution_function_has_its_tabled_values(x, expected):
    assert normal_cdf(x) == pytest.approx(expected, abs=1e-6)
