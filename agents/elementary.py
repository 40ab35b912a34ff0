"""Elementary functions from IEEE sums, products, quotients and square roots alone: the same bits on every machine.

Maths libraries round the last bit differently, so rules call none of their functions but the square root, which the standard
defines. Tables are worked out at import in decimal arithmetic, whose results no machine changes. Errors are in units in the
last place (ulp). Methods: Tang (1989, 1990), tables and short series; Dekker (1971), exact products; Hunter and Regan
(1972), the midpoint rule for erfc.
"""

import math
from decimal import Decimal, localcontext

import numpy as np

from clusterpact.agents.compiled import part, rule

DIGITS = 50
CELLS = 128  #: of the tables: steps of an octave for exp, parts of [0.6875, 1.375) for log
CELL_BITS = 7
FRACTION_BITS = 52  #: of a float; those below the sign and the exponent
INDEX_BITS = FRACTION_BITS - CELL_BITS
TOP_BITS = -(1 << 27)  #: the sign, the exponent and 25 bits of the fraction
TO_WHOLE = 1.5 * 2.0**FRACTION_BITS  #: added and taken away again, it rounds to a whole number
EXP_LARGEST = 709.782712893384  #: e to a larger power is beyond all floats
EXP_LEAST = -745.1332191019412  #: e to a lower power is nothing
EXP_USUAL = 700.0  #: e to a power no further from 0 is a float with all its bits
LOG_FROM = 0.6875
SMALLEST, LARGEST = 2.2250738585072014e-308, 1.7976931348623157e308  #: of floats with all their bits
ERFC_STEP = 0.5
ERFC_TERMS = 13
ERFC_NOTHING = 27.3  #: erfc of a larger number is nothing
ERFC_ALL = -6.0  #: erfc of a lower number is 2, to the last bit
TERMS = 10  #: of sine and cosine, within an eighth of a turn


def _float_of(bits: int) -> float:
    """The float that 64 bits stand for."""
    return float(np.int64(bits).view(np.float64))


def _in_two(x: Decimal, places: int) -> tuple[float, float]:
    """A number as a sum of two floats, the first a whole multiple of 2**-places."""
    high = float(round(x * 2**places)) / 2.0**places
    return high, float(x - Decimal(high))


def _powers(ln_2: Decimal) -> tuple[np.ndarray, np.ndarray]:
    """2**(j / CELLS) by j: the bits of the nearest float, and what is left, as a share of it."""
    exact = [(ln_2 * j / CELLS).exp() for j in range(CELLS)]
    nearest = [float(power) for power in exact]
    left = [float(power / Decimal(one) - 1) for power, one in zip(exact, nearest, strict=True)]
    return np.array(nearest).view(np.int64), np.array(left)


def _logarithms() -> np.ndarray:
    """By cell of [0.6875, 1.375): a short number near 1 / z, and minus its logarithm in two parts; (CELLS, 3).

    In the two cells that touch 1 it is 1, so that nothing cancels there.
    """
    first = int(np.float64(LOG_FROM).view(np.int64))
    rows = []
    for cell in range(CELLS):
        low, high = (_float_of(first + (k << INDEX_BITS)) for k in (cell, cell + 1))
        inverse = 1.0 if 1.0 in (low, high) else round(2 * 256 / (low + high)) / 256
        rows.append((inverse, *_in_two(-Decimal(inverse).ln(), 42)))
    return np.array(rows)


def _arc_tangent_of_one() -> Decimal:
    """A quarter of pi (Machin 1706: 4 arctan 1/5 - arctan 1/239)."""

    def arc_tangent(n: int) -> Decimal:
        terms = (Decimal((-1) ** k) / ((2 * k + 1) * Decimal(n) ** (2 * k + 1)) for k in range(2 * DIGITS))
        return sum(terms, Decimal(0))

    return 4 * arc_tangent(5) - arc_tangent(239)


with localcontext() as _context:
    _context.prec = DIGITS
    _ln_2, _pi = Decimal(2).ln(), 4 * _arc_tangent_of_one()
    CELLS_PER_UNIT = float(CELLS / _ln_2)
    CELL_HIGH, CELL_LOW = _in_two(_ln_2 / CELLS, 41)  #: ln 2 / CELLS; 34 bits, so that products with whole numbers are exact
    LN_2_HIGH, LN_2_LOW = _in_two(_ln_2, 42)
    POWER_BITS, POWER_LEFT = _powers(_ln_2)
    LOGARITHMS = _logarithms()
    LOG_FROM_BITS = int(np.float64(LOG_FROM).view(np.int64))
    PI = float(_pi)
    #: Taylor's series in the square of a share of a turn: (2 pi)**n / n! with alternating signs, the highest power first.
    _waves = [(-1) ** (n // 2) * float((2 * _pi) ** n / math.factorial(n)) for n in range(2 * TERMS)]
    COSINE, SINE = np.array(_waves[0::2][::-1]), np.array(_waves[1::2][::-1])
    #: Squares of the midpoints, and 2 step / pi * exp(-square).
    _squares = [(Decimal(2 * k + 1) * Decimal(ERFC_STEP) / 2) ** 2 for k in range(ERFC_TERMS)]
    ERFC_SQUARES = np.array([float(square) for square in _squares])
    ERFC_WEIGHTS = np.array([float(2 * Decimal(ERFC_STEP) / _pi * (-square).exp()) for square in _squares])


@rule
def bits_of(x):
    """The 64 bits of a float, as an integer."""
    return int(np.float64(x).view(np.int64))


@rule
def float_of(bits):
    """The float that 64 bits stand for."""
    return float(np.int64(bits).view(np.float64))


@rule
def two_to(n):
    """2**n for a whole n from -1022 to 1023."""
    return float_of((n + 1023) << FRACTION_BITS)


@rule
def top(x):
    """A float with the last 27 bits of its fraction cut off: a product of two such is exact."""
    return float_of(bits_of(x) & TOP_BITS)


@rule
def product_left(x, y, product):
    """What rounding took from x * y: x * y - product, to 2**-104 of it (Dekker 1971)."""
    x_top, y_top = top(x), top(y)
    x_rest, y_rest = x - x_top, y - y_top
    return ((x_top * y_top - product) + x_top * y_rest + x_rest * y_top) + x_rest * y_rest


@part
def exp_in_parts(x, little):
    """e**(x + little), little being far smaller than x, as 2**octave p (1 + grown): the bits of p, octave, grown."""
    cells = (x * CELLS_PER_UNIT + TO_WHOLE) - TO_WHOLE
    whole = int(cells)
    cell, octave = whole & (CELLS - 1), whole >> CELL_BITS
    r = ((x - cells * CELL_HIGH) - cells * CELL_LOW) + little
    square = r * r
    grown = float(POWER_LEFT[cell]) + (
        r + (square * (0.5 + r * (1.0 / 6.0)) + square * square * (1.0 / 24.0 + r * (1.0 / 120.0)))
    )  # fmt: skip
    return POWER_BITS[cell], octave, grown


@part
def exp_of_sum(x, little):
    """e**(x + little), little being far smaller than x; 0.6 ulp."""
    if not abs(x) <= EXP_USUAL:
        return exp_far_out(x, little)
    bits, octave, grown = exp_in_parts(x, little)
    power = float_of(bits + (octave << FRACTION_BITS))
    return power + power * grown


@rule
def exp_far_out(x, little):
    """`exp_of_sum` where the result may be beyond all floats, or may lack some of their bits."""
    if not x <= EXP_LARGEST:
        return math.inf if x > EXP_LARGEST else x
    if x < EXP_LEAST:
        return 0.0
    bits, octave, grown = exp_in_parts(x, little)
    power = float_of(bits)
    half = octave >> 1
    return (power + power * grown) * two_to(half) * two_to(octave - half)


@rule
def exp(x):
    """e**x; 0.6 ulp.

    >>> exp(0.0), exp(1.0) == math.e, exp(-800.0)
    (1.0, True, 0.0)
    """
    return exp_of_sum(x, 0.0)


@part
def log_in_two(x):
    """The natural logarithm of a float with all its bits, as a sum: the nearest float, and what is left.

    x = 2**k z and z / c = 1 + r, c of the table: log x = k ln 2 + log c + r - r**2 / 2 + r**3 / 3 - ...
    """
    bits = bits_of(x)
    beyond = bits - LOG_FROM_BITS
    cell, k = (beyond >> INDEX_BITS) & (CELLS - 1), beyond >> FRACTION_BITS
    z = float_of(bits - (k << FRACTION_BITS))
    z_top = top(z)
    inverse = float(LOGARITHMS[cell, 0])
    r_top = z_top * inverse - 1.0
    r_rest = (z - z_top) * inverse
    r = r_top + r_rest
    base = k * LN_2_HIGH + float(LOGARITHMS[cell, 1])
    first = base + r
    left = (k * LN_2_LOW + float(LOGARITHMS[cell, 2])) + ((base - first) + r) + ((r_top - r) + r_rest)
    half = 0.5 * r_top * r_top
    second = first - half
    left += ((first - second) - half) - 0.5 * r_rest * (r_top + r)
    square = r * r
    series = (1.0 / 3.0 - r * 0.25) + square * ((0.2 - r * (1.0 / 6.0)) + square * ((1.0 / 7.0) - r * 0.125))
    left += r * square * series
    nearest = second + left
    return nearest, (second - nearest) + left


@rule
def log(x):
    """Natural logarithm; 0.6 ulp. Of 0 it is minus infinity, of less it is not a number.

    >>> log(1.0), log(math.e), log(0.0)
    (0.0, 1.0, -inf)
    """
    if SMALLEST <= x <= LARGEST:
        return log_in_two(x)[0]
    if x > LARGEST or x != x:
        return x
    if x > 0.0:
        return log_in_two(x * two_to(54))[0] - 54.0 * (LN_2_HIGH + LN_2_LOW)
    return -math.inf if x == 0.0 else math.nan


@part
def log1p(x):
    """log(1 + x), x above -1, without loss for small x; 0.6 ulp.

    >>> log1p(1e-20), log1p(0.0)
    (1e-20, 0.0)
    """
    y = 1.0 + x
    if not SMALLEST <= y <= LARGEST:
        return log(y)
    left = x - (y - 1.0) if abs(x) < 1.0 else 1.0 - (y - x)
    nearest, rest = log_in_two(y)
    return nearest + (rest + left / y)


@rule
def power(x, y):
    """x**y for x of 0 or more, y finite; 1 ulp.

    >>> power(2.0, 10.0), power(0.0, 0.5), power(0.0, 0.0)
    (1024.0, 0.0, 1.0)
    """
    if y == 0.0:
        return 1.0
    if not SMALLEST <= x <= LARGEST:
        return exp(y * log(x))
    nearest, rest = log_in_two(x)
    exponent = y * nearest
    return exp_of_sum(exponent, product_left(y, nearest, exponent) + y * rest)


@rule
def whole_power(x, n):
    """x**n for a whole n of 0 or more, by squaring; n / 2 ulp.

    >>> whole_power(2.0, 10), whole_power(3.0, 0)
    (1024.0, 1.0)
    """
    found = 1.0
    while n > 0:
        if n & 1 == 1:
            found *= x
        x *= x
        n >>= 1
    return found


@rule
def circle(turn):
    """Cosine and sine of a share of a turn in [0, 1), that is of 2 pi turn; 2 ulp.

    >>> circle(0.0), circle(0.25), circle(0.5)
    ((1.0, 0.0), (-0.0, 1.0), (-1.0, -0.0))
    """
    quarters = int(4.0 * turn + 0.5)
    left = turn - 0.25 * quarters
    square = left * left
    cosine, sine = float(COSINE[0]), float(SINE[0])
    for k in range(1, TERMS):
        cosine = cosine * square + float(COSINE[k])
        sine = sine * square + float(SINE[k])
    sine *= left
    if quarters & 1 == 1:
        cosine, sine = -sine, cosine
    if quarters & 2 == 2:
        cosine, sine = -cosine, -sine
    return cosine, sine


@rule
def erfc(x):
    """Complementary error function; 3 ulp.

    2 step x exp(-x**2) / pi * sum of exp(-t**2) / (t**2 + x**2) over the midpoints t of steps, and for the pole, as long as
    it lies within the strip, 2 / (1 + exp(2 pi x / step)).

    >>> erfc(0.0), erfc(40.0), erfc(-40.0)
    (1.0, 0.0, 2.0)
    """
    if x < ERFC_ALL:
        return 2.0
    if x > ERFC_NOTHING:
        return 0.0
    z = abs(x)
    square = z * z
    square_left = product_left(z, z, square)
    total, left = 0.0, 0.0
    for k in range(ERFC_TERMS):
        fixed = float(ERFC_SQUARES[k])
        distance = fixed + square
        term = float(ERFC_WEIGHTS[k]) / distance
        left += (total - (total + term)) + term - term * ((square - (distance - fixed)) + square_left) / distance
        total += term
    height = exp_of_sum(-square, -square_left)
    share = z * total
    tail = height * share + height * (product_left(z, total, share) + z * left)
    if z < PI / ERFC_STEP:
        tail += 2.0 / (1.0 + exp(2.0 * PI / ERFC_STEP * z))
    return tail if x >= 0.0 else 2.0 - tail
