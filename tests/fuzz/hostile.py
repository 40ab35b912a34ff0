"""Values that nobody should write and somebody will."""

import random

TEXTS = (
    "", " ", "-", "a" * 200_000, "\x1b[31mred\x1b[0m", "\x07", "\x00", "\x7f", "\u202egnihton", "\u2028", "\xa0", "\ufeff",
    "\u540d\u524d", "\U0001f3ed", "\u0141\xf3d\u017a", "\u0398\u03b5\u03c3\u03c3\u03b1\u03bb\u03bf\u03bd\u03af\u03ba\u03b7",
    "\u0410\u0431\u0432", "\u0645\u0635\u0646\u0639", "$x^{$", "\\frac{", "_hidden", "=1+1", "@SUM(A1)", "+1", "-1+1",
    "../../x",
    "/etc/hostname", "~", "~nobody/x", "%s%n%j", "{0}", "{name}", "<script>alert(1)</script>", "a\tb", "a\nb", "a\r\nb",
    "'", '"', ",",
    ";", "\\", "NaN", "null", "None", "true", "*", "?", "[x]", "#", "a:b", "a/b", "plant:unit", "$(touch x)", "`id`",
    "con", ".", "..", "x" * 300,
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "1", "1e308", "-1e308", "1e-308", "nan", "inf", "-inf", "1_0", "\u0663", "0x10", "1,5", "1.234,5",
    "1e400",
    "9" * 400, "0.1.2", "+5", "1/3", "50 %", "1 000", "2200", "1066", "2026.5", "1e23", "0.0000001", "1000000000", "0.5",
    "2030",
)  # fmt: skip
YEARS = (-1, 0, 1066, 1990, 2025, 2030, 2050, 2150, 9999, 10**23)


def text(rng: random.Random) -> str:
    """A text, or a number as text."""
    return rng.choice(TEXTS if rng.random() < 0.6 else NUMBERS)


def number(rng: random.Random, old: str) -> str:
    """A number in place of another one: a hostile one, or the old one far too large, too small, or of the other sign."""
    try:
        value = float(old)
    except ValueError:
        return text(rng)
    if rng.random() < 0.5:
        return rng.choice(NUMBERS)
    return f"{value * rng.choice((-1, 0, 1e-6, 1e-3, 0.5, 2, 10, 1e3, 1e6, 1e12)):.12g}"


def json_value(rng: random.Random, old: object = None) -> object:
    """A value for a leaf of JSON."""
    if isinstance(old, int | float) and not isinstance(old, bool) and rng.random() < 0.5:
        return old * rng.choice((-1, 0, 2, 1e3, 1e6)) if rng.random() < 0.7 else rng.choice(YEARS)
    plain = (
        None,
        True,
        False,
        [],
        {},
        [[]],
        [None],
        {"": 0},
        0,
        -1,
        0.5,
        1e308,
        -1e308,
        2**63,
        10**30,
        float("nan"),
        float("inf"),
    )
    return text(rng) if rng.random() < 0.4 else rng.choice(plain)


def toml_value(rng: random.Random, old: str = "") -> str:
    """A value as written in TOML."""
    if old and rng.random() < 0.4:
        return number(rng, old)
    odd = (
        "true", "2026-01-01", "[]", "{}", "[[]]", "[1, 'a']", "{ a = 1 }", "[" * 3000, "[" * 50 + "]" * 50,
        "{ schedule = [] }",
        "{ schedule = [[2030, 1], [2025, 0]] }", "{ schedule = [[2030]] }", "{ schedule = [[2200, 0.1]] }", "[2050, 2026]",
        "[2049, 2050]", "[2026, 2027]", "[0.1, 0.2, 0.3]", "['x']", "''''", "9" * 5000, ".".join("a" * 2000),
        "{ low = 1, high = 0 }",
    )  # fmt: skip
    if rng.random() < 0.4:
        return rng.choice(odd)
    return rng.choice(NUMBERS) if rng.random() < 0.5 else toml_text(text(rng))


def toml_text(value: str) -> str:
    """A text as a basic string of TOML; now and then as it is, which may be no TOML at all."""
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04X}" for c in value if ord(c) < 0x10000)
    return f'"{escaped}"'
