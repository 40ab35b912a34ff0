"""Every random number of the model: Philox4x32-10 keyed by the seed, counted by who asks, when and what for.

A draw is a pure function of (seed, run, stream, agent, quarter). There is no generator state, so neither the order of
agents nor the number of threads can matter, and two policies meet the same luck agent by agent (common random numbers).
Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

import hashlib
import math

import numpy as np

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.elementary import circle, erfc, log

# One stream per kind of decision; a number is never used twice (appending is safe, renumbering is not).
PRICE = 1
TASTE = 2
PLEDGE = 3
COMMIT = 4
INVEST = 5
PUBLIC_SIGNAL = 6
DELAY = 7
DEFAULT = 8
ELECTION = 9
ADOPTION = 10
DISPOSITION = 11
PRICE_BELIEF = 12
CAMPAIGN_AGE = 13
FREE_RIDER = 14
DESIGN = 16
BOARD_QUARTER = 17
OUTPUT = 18
OUTPUT_TAIL = 19
CLOSURE = 20
PREPARATION = 21
SLIP = 22
OVERRUN = 23
OFFTAKE = 24
BUYER_LEAVES = 25
LINK = 26
CONVICTION = 27

MASK32 = np.uint64(0xFFFFFFFF)
SHIFT32 = np.uint64(32)
SHIFT16 = np.uint64(16)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
SHIFT_HIGH = np.uint64(5)
SHIFT_LOW = np.uint64(6)
UNIT_53 = 1.0 / 9007199254740992.0
HALVINGS = 60


@part
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32: counter and key words in, four random 32-bit words out (all carried in uint64)."""
    for _ in range(10):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> SHIFT32) ^ c1 ^ k0,
            product_1 & MASK32,
            (product_0 >> SHIFT32) ^ c3 ^ k1,
            product_0 & MASK32,
        )
        k0 = (k0 + WEYL_0) & MASK32
        k1 = (k1 + WEYL_1) & MASK32
    return c0, c1, c2, c3


@part
def two_uniforms(seed, run, stream, agent, quarter):
    """Two independent numbers in [0, 1) with 53 random bits each.

    seed, run and agent are unsigned 64-bit integers (the run below 2**32), stream and quarter below 2**16.
    """
    key = np.uint64(seed)
    who = np.uint64(agent)
    when = (np.uint64(stream) << SHIFT16) | np.uint64(quarter)
    w0, w1, w2, w3 = philox4x32(np.uint64(run) & MASK32, when, who & MASK32, who >> SHIFT32, key & MASK32, key >> SHIFT32)
    first = float(w0 >> SHIFT_HIGH) * 67108864.0 + float(w1 >> SHIFT_LOW)
    second = float(w2 >> SHIFT_HIGH) * 67108864.0 + float(w3 >> SHIFT_LOW)
    return first * UNIT_53, second * UNIT_53


@rule
def uniform(seed, run, stream, agent, quarter):
    """One number in [0, 1); see `two_uniforms`."""
    return two_uniforms(seed, run, stream, agent, quarter)[0]


@part
def two_normals(seed, run, stream, agent, quarter):
    """Two independent standard normal numbers (Box and Muller 1958) from one Philox block."""
    first, second = two_uniforms(seed, run, stream, agent, quarter)
    radius = math.sqrt(-2.0 * log(1.0 - first))
    cosine, sine = circle(second)
    return radius * cosine, radius * sine


@rule
def normal(seed, run, stream, agent, quarter):
    """One standard normal number; see `two_normals`."""
    return two_normals(seed, run, stream, agent, quarter)[0]


@rule
def geometric(draw, mean):
    """A geometric number of quarters with a mean, from a draw in [0, 1); none if the mean is 0.

    >>> geometric(0.0, 6.0), geometric(0.9, 6.0), geometric(0.9, 0.0)
    (0, 14, 0)
    """
    return int(log(1.0 - draw) / log(mean / (1.0 + mean))) if mean > 0.0 else 0


@rule
def normal_cdf(x):
    """Standard normal distribution function: Phi(x) = erfc(-x / sqrt 2) / 2.

    >>> normal_cdf(0.0), round(normal_cdf(1.96), 4)
    (0.5, 0.975)
    """
    return 0.5 * erfc(-x / math.sqrt(2.0))


@rule
def cut_normal(u, mean, sd, low, high):
    """Quantile at u in [0, 1) of a normal number cut at low and high, between which its mean lies; found by halving.

    >>> round(cut_normal(0.5, 1.0, 0.2, 0.0, 2.0), 12), round(cut_normal(0.0, 1.0, 5.0, 0.0, 2.0), 12)
    (1.0, 0.0)
    """
    below, above = normal_cdf((low - mean) / sd), normal_cdf((high - mean) / sd)
    wanted = below + u * (above - below)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if normal_cdf((middle - mean) / sd) < wanted:
            low = middle
        else:
            high = middle
    return high


def agent_number(name: str) -> int:
    """The 64-bit number of an agent: a hash of its name, so that its luck does not hang on its row."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
