"""Own elementary functions: how near they are to the truth, at their edges, and that rules call no other."""

import ast
import itertools
import math
import random
from pathlib import Path

import mpmath
import numpy as np
import pytest

import clusterpact
from clusterpact.agents.elementary import circle, erfc, exp, exp_of_sum, log, log1p, power, product_left
from clusterpact.sim.arithmetic import cholesky

ROOT = Path(clusterpact.__file__).resolve().parent.parent
DRAWS = 4000
#: What rules and what makes worlds may take from `math`: what IEEE 754 or integers define. Nothing that a library rounds.
ALLOWED = {"sqrt", "inf", "nan", "pi", "isinf", "isnan", "isfinite", "isclose", "fsum", "factorial", "floor", "ceil"}
#: What libraries work out in an order or a way that hangs on the processor.
ROUNDED = {"exp", "expm1", "log", "log2", "log10", "log1p", "power", "sin", "cos", "tan", "interp", "dot", "matmul",
           "einsum", "linalg", "cbrt", "hypot", "float_power", "convolve", "polyval"}  # fmt: skip


def ulps(found, true):
    """By how many units in the last place of the true number a float is off."""
    return abs(mpmath.mpf(float(found)) - true) / mpmath.mpf(math.ulp(float(true)))


def drawn(low, high):
    draw = random.Random(f"{low} {high}")
    return [draw.uniform(low, high) for _ in range(DRAWS)]


def worst(function, truth, places):
    with mpmath.workprec(250):
        return max(ulps(function(x), truth(mpmath.mpf(x))) for x in places)


def near_one(spread):
    return [1.0 + x for x in drawn(-spread, spread)]


@pytest.mark.parametrize(("low", "high"), [(-745, 709.78), (-745.1, -700.0), (-5, 5), (-1e-5, 1e-5)])
def test_exp_is_within_an_ulp(low, high):
    assert worst(exp, mpmath.exp, drawn(low, high)) < 1.0


@pytest.mark.parametrize("places", [drawn(0, 2), near_one(0.02), near_one(1e-9), [2.0**x for x in drawn(-1074, 1023)]])
def test_log_is_within_an_ulp(places):
    assert worst(log, mpmath.log, [x for x in places if x > 0.0]) < 1.0


@pytest.mark.parametrize("places", [drawn(-1, 1), drawn(-1e-9, 1e-9), [2.0**x for x in drawn(-1000, 1023)], drawn(0, 0.2)])
def test_log1p_is_within_an_ulp(places):
    assert worst(log1p, mpmath.log1p, places) < 1.0


def test_power_is_within_an_ulp():
    pairs = [*zip(drawn(0, 3), drawn(-30, 30), strict=True), *zip(drawn(1, 1.3), drawn(-60, 60), strict=True),
             *zip(drawn(1e-9, 1e9), drawn(-15, 15), strict=True)]  # fmt: skip
    with mpmath.workprec(250):
        assert max(ulps(power(x, y), mpmath.power(mpmath.mpf(x), mpmath.mpf(y))) for x, y in pairs) < 1.0


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 1e-7), (0.24, 0.26), (0.999, 1 - 1e-16)])
def test_cosine_and_sine_of_a_turn_are_within_two_ulp(low, high):
    places = drawn(low, high)
    assert worst(lambda turn: circle(turn)[0], lambda turn: mpmath.cospi(2 * turn), places) < 2.0
    assert worst(lambda turn: circle(turn)[1], lambda turn: mpmath.sinpi(2 * turn), places) < 2.0


@pytest.mark.parametrize(("low", "high"), [(-6, 6), (0, 26.5), (6.2, 6.4), (-1e-6, 1e-6)])
def test_erfc_is_within_three_ulp(low, high):
    assert worst(erfc, mpmath.erfc, drawn(low, high)) <= 3.0


def test_at_the_edges():
    assert exp(709.782712893384) < math.inf == exp(709.7827128933841) == exp(math.inf)
    assert exp(-745.2) == exp(-math.inf) == 0.0 < exp(-745.1)
    assert (log(0.0), log(math.inf), log1p(-1.0), log1p(math.inf)) == (-math.inf, math.inf, -math.inf, math.inf)
    assert all(math.isnan(found) for found in (exp(math.nan), log(math.nan), log(-1.0), log1p(-1.5), log1p(math.nan)))
    assert (power(0.0, 2.5), power(0.0, -1.0), power(math.inf, -1.0), power(3.0, 0.0)) == (0.0, math.inf, 0.0, 1.0)
    assert (power(2.0, -1074.0), power(2.0, 1023.0)) == (2.0**-1074, 2.0**1023)
    assert (power(2.0, -1080.0), power(2.0, 1024.0), power(1e-300, 1e10)) == (0.0, math.inf, 0.0)
    assert (erfc(math.inf), erfc(-math.inf), erfc(27.4), erfc(-7.0)) == (0.0, 2.0, 0.0, 2.0)


def test_powers_of_two_are_exact():
    assert [power(2.0, float(n)) for n in range(-20, 21)] == [2.0**n for n in range(-20, 21)]
    with mpmath.workprec(250):
        assert [log(2.0**n) for n in range(-60, 61)] == [float(n * mpmath.log(2)) for n in range(-60, 61)]


def test_functions_rise_where_they_should():
    """No step back at the seams of the tables."""
    places = sorted([*drawn(-3, 3), *(k / 128 * math.log(2) + d for k in range(-300, 300) for d in (-1e-16, 0.0, 1e-16))])
    assert all(exp(a) <= exp(b) for a, b in itertools.pairwise(places))
    seams = sorted([*(1 + k / 128 + d for k in range(-40, 48) for d in (-2e-16, 0.0, 3e-16)), *drawn(0.5, 2)])
    assert all(log(a) <= log(b) for a, b in itertools.pairwise(seams))


def test_what_rounding_took_from_a_product_is_given_back():
    for x, y in zip(drawn(-1e3, 1e3), drawn(0, 1), strict=True):
        product = x * y
        with mpmath.workprec(250):
            whole = mpmath.mpf(x) * mpmath.mpf(y)
            assert abs(mpmath.mpf(product_left(x, y, product)) - (whole - product)) <= abs(whole) * mpmath.mpf(2) ** -104


def test_a_little_more_counts():
    with mpmath.workprec(250):
        for x in drawn(-20, 20):
            assert ulps(exp_of_sum(x, 1e-17 * x), mpmath.exp(mpmath.mpf(x) + mpmath.mpf(1e-17 * x))) < 1.0


def test_a_factor_of_a_matrix_gives_it_again():
    matrix = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.3], [0.2, -0.3, 1.0]])
    lower = cholesky(matrix)
    assert abs(lower @ lower.T - matrix).max() < 1e-15
    assert not np.triu(lower, 1).any()
    with pytest.raises(ValueError, match="positive definite"):
        cholesky(np.array([[1.0, 1.5], [1.5, 1.0]]))


def _calls_of_libraries(path: Path):
    """Line and name of whatever a module takes from `math`, numpy or the language that a library rounds."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "math" and node.attr not in ALLOWED:
                yield node.lineno, f"math.{node.attr}"
            if node.value.id in ("np", "numpy") and node.attr in ROUNDED:
                yield node.lineno, f"np.{node.attr}"
        whole = isinstance(node, ast.BinOp) and all(_is_whole(side) for side in (node.left, node.right))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not whole:
            yield node.lineno, "**"
        if isinstance(node, ast.ImportFrom) and node.module in ("math", "cmath", "statistics"):
            yield node.lineno, f"from {node.module}"


def _is_whole(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def test_rules_call_no_function_that_a_library_rounds():
    found = [f"{folder}/{path.name}:{line} {name}" for folder in ("agents", "policies", "sim")
             for path in sorted((ROOT / folder).glob("*.py")) if path.name != "elementary.py"
             for line, name in _calls_of_libraries(path)]  # fmt: skip
    assert found == []


def test_the_ban_finds_what_it_forbids(tmp_path):
    module = tmp_path / "rule.py"
    module.write_text("import math\nimport numpy as np\na = math.exp(1) + np.exp(2) + 2.0**0.5\nb = 2**3 + math.sqrt(2)\n")
    assert sorted(name for _, name in _calls_of_libraries(module)) == ["**", "math.exp", "np.exp"]
