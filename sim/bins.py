"""How many values fall into each bin, counted without sorting them: a run has a thousand that `bands` asks for.

A bin keeps a value's sign, exponent and a few bits of its fraction. Values of one sign and exponent share a page of counts,
which is taken when the first of them comes; values of a kind take few pages.
"""

import numpy as np

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import FRACTION_BITS, TO_WHOLE, bits_of

MANTISSA_BITS = 8
SHIFT = FRACTION_BITS - MANTISSA_BITS
HALF = 1 << (63 - SHIFT)  #: bins of positive and of negative values
PAGE = 1 << MANTISSA_BITS  #: bins of a page
PAGES = 2 * HALF // PAGE
SHARE_DECIMALS = 4
TEN_THOUSAND = 1e4  #: 10 to the `SHARE_DECIMALS`, which no rule computes


def memory_for(ends: np.ndarray) -> np.ndarray:
    """Memory to count the values of blocks in that end so, again and again: int64, zeros."""
    pages = min(PAGES, int(np.diff(ends, prepend=0).max(initial=0)))
    return np.zeros(2 * PAGES + PAGE * pages + 2 * int(ends[-1:].sum()), np.int64)


def counts_of(
    values: np.ndarray, ends: np.ndarray, is_share: bool, memory: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bins that values fall into, rising within each block of them, and how many do; and where those of each block end.

    values: float64 (n,); ends: (blocks,), where the blocks end among them; is_share: whether they are rounded first;
    memory: of `memory_for`. Bins are raised by `HALF`.
    """
    n, blocks = len(values), np.array(ends, np.int64)
    found = count_bins(np.ascontiguousarray(values, np.float64), blocks, is_share, memory)
    bins, counts = memory[len(memory) - 2 * n :].reshape(2, n)[:, :found].copy()
    return bins, counts, blocks


@rule
def count_bins(values, ends, is_share, memory):
    """`counts_of`, whose bins and counts are the last words of its memory; returns how many there are."""
    n = values.size
    pages, found_at = memory[: memory.size - 2 * n], memory[memory.size - 2 * n :]
    page_of, tops, counted = pages[:PAGES], pages[PAGES : 2 * PAGES], pages[2 * PAGES :]
    bins, counts = found_at[:n], found_at[n:]
    found, first = 0, 0
    for block in range(ends.size):
        taken = 0
        for k in range(first, ends[block]):
            place = bin_place(values[k], is_share)
            top = place // PAGE
            if page_of[top] == 0:
                put_in_order(tops, taken, top)
                taken += 1
                page_of[top] = taken
            counted[(page_of[top] - 1) * PAGE + place % PAGE] += 1
        first = ends[block]
        for k in range(taken):
            found = read_page(tops[k], page_of, counted, (bins, counts), found)
        ends[block] = found
    return found


@rule
def bin_place(x, is_share):
    """The bin of a value, raised by `HALF`; a share is rounded first, and zero has no sign."""
    if is_share:
        x = ((x * TEN_THOUSAND + TO_WHOLE) - TO_WHOLE) / TEN_THOUSAND
    return (bits_of(x + 0.0) >> SHIFT) + HALF


@rule
def put_in_order(numbers, count, number):
    """Put a number among so many that rise."""
    k = count
    while k > 0 and numbers[k - 1] > number:
        numbers[k] = numbers[k - 1]
        k -= 1
    numbers[k] = number


@rule
def read_page(top, page_of, counted, written, found):
    """Write the bins of a page and their counts behind those found before, and give it back; returns how many there are."""
    bins, counts = written
    first = (page_of[top] - 1) * PAGE
    for k in range(PAGE):
        count = counted[first + k]
        if count > 0:
            bins[found] = top * PAGE + k
            counts[found] = count
            counted[first + k] = 0
            found += 1
    page_of[top] = 0
    return found
