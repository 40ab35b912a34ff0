"""Mistakes of contributors in the tables of the model itself: one clear line, exit code 2, whatever the command."""

import pytest

from tests.worlds.copies import Copy

CASES = {
    "agents/carriers.csv": [
        ("heat,,,0,0,heat", "heat,,,0,0,heat,\nheat,,,0,0,heat", ["carriers.csv: name = 'heat'", "more than once"]),
        ("primary_steel;", "primary_stel;", ["coking_coal: sectors = 'primary_stel'", "did you mean 'primary_steel'"]),
        ("heat,,,0,0,heat", "heat,,,0,0,heat,\nammonia,,,0,0,ammonia",
         ["parameters.csv: name", "expected ammonia_price_level"]),
    ],
    "agents/network_kinds.csv": [
        ("h2_pipeline,hydrogen", "h2_pipeline,hydrogn", ["h2_pipeline: carries = 'hydrogn'", "did you mean 'hydrogen'"]),
    ],
    "agents/parameters.csv": [
        ("removes,-,0.5,0.1,0.9", "removes,-,0.95,0.1,0.9", ["parameters.csv:", "<= default <= high, found 0.1, 0.95, 0.9"]),
        ("oil_price_level", "oil_prise_level", ["name = 'waste_fuel_price_level'", "expected oil_price_level"]),
    ],
    "policies/instruments.csv": [
        ("monitoring,", "sanctions,", ["instruments.csv: name = 'sanctions'", "more than once"]),
    ],
    "policies/interests.csv": [
        ("infrastructure_guarantee_share", "infrastructure_garantee", ["interests.csv: instrument", "did you mean"]),
    ],
    "policies/levers.csv": [
        ("at_most,0.35", "at_most,0.95", ["smaller-haircut: value = 0.95", "expected 0.35 to 0.55"]),
    ],
    "sim/library/volatility.csv": [
        ("hydrogen,", "oil,", ["volatility.csv: carrier = 'oil'", "more than once"]),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.mark.parametrize(("file", "old", "new", "words"), [(file, *case) for file, cases in CASES.items() for case in cases])
def test_a_mistake_in_a_table_of_the_model_is_one_clear_line(copy, file, old, new, words):
    whole = (copy.folder / file).read_text(encoding="utf-8")
    copy.edit(file, (old, new))
    done = copy.command("validate", "dunkirk")
    (copy.folder / file).write_text(whole, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert all(word in done.stderr for word in words), done.stderr
