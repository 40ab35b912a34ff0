"""Random mistakes are accepted or explained, and extreme worlds run with their books in order."""

import random
import re
from contextlib import suppress

import numpy as np
import pytest

from clusterpact.agents.bookings import lacks_network, reserve
from clusterpact.agents.default import fail
from clusterpact.agents.plant import commission
from clusterpact.agents.vocabulary import NET_OPERATING
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import Shard, run_shard, world_of
from clusterpact.inputs import InputError
from clusterpact.sim.audit import audit_capacity
from tests.cli.mistakes.edits import (
    BUYERS,
    CLUSTER,
    EXPERIMENT,
    FIRMS,
    PROJECTS,
    UNITS,
    add,
    both,
    drop_tables,
    first_row_only,
    horizon,
    link,
    listed,
    put,
    remove,
)
from tests.worlds.small import small_state

VALUES = ("true", "nan", "inf", "-inf", "0", "-0.0", "-1", "1e308", "5e-324", '""', '"x"', '"2030"', "0x10", '"\\n"',
          "2024-01-01", "0.5", "9223372036854775808", "1900", "2200", '"."', "99999999999999999999")  # fmt: skip
CELLS = ("", "nan", "inf", "-1", "0", "1e308", "1e-308", "true", "x", "2030", "1_0", "-0", '"', '""', '"unclosed', "planned",
         "cement", "9" * 400, "2024.0", "\ufeff", "\x0b", "\\", "=1+1")  # fmt: skip


def mutate(text, table, rng):
    """Change one value, or one character, of a text."""
    lines = text.split("\n")
    if rng.random() < 0.15:
        place = rng.randrange(len(text))
        return text[:place] + rng.choice("\"'[]{}=,;\n\t\x00#.\\-9\x85\u2028é") + text[place + rng.randrange(2) :]
    if table:
        row = rng.randrange(len(lines) - 1)
        cells = lines[row].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
        lines[row] = ",".join(cells)
    else:
        row = rng.choice([k for k, line in enumerate(lines) if re.match(r'[\w"]+ *=', line)])
        lines[row] = f"{lines[row].partition('=')[0]}= {rng.choice(VALUES)}"
    return "\n".join(lines)


@pytest.mark.parametrize("file", [CLUSTER, FIRMS, UNITS, PROJECTS, BUYERS, EXPERIMENT])
def test_a_random_change_is_accepted_or_explained(file, work):
    rng = random.Random(file)
    path = work / "region" / file
    text = path.read_text(encoding="utf-8")
    for _ in range(100):
        changed = mutate(text, file.endswith(".csv"), rng)
        path.write_bytes(changed.encode())
        try:
            with suppress(InputError):
                world_of(load_experiment("region/experiment.toml", runs=2), 0)
        except Exception as error:  # what the test looks for
            pytest.fail(f"{type(error).__name__}: {error}, for a {file} of\n{changed}")


def with_number(key, value):
    """Another value for a key of the cluster file, wherever it stands."""

    def edit(folder):
        text, count = re.subn(rf"(?m)^{key} = [\d.]+", f"{key} = {value}", (folder / CLUSTER).read_text(encoding="utf-8"))
        assert count
        (folder / CLUSTER).write_text(text, encoding="utf-8")

    return edit


EXTREMES = {
    "no capital": with_number("capital_meur", 0),
    "tickets of nothing": with_number("ticket_max_meur", 1),
    "tickets too large": with_number("ticket_min_meur", 800),
    "free money": with_number("base_rate_pct", 0),
    "dear money": with_number("base_rate_pct", 50),
    "tiny phases": with_number("phase_per_year", "1e-9"),
    "huge phases": with_number("phase_per_year", "1e7"),
    "no economies of scale": with_number("scale_exponent", 1),
    "all economies of scale": with_number("scale_exponent", "1e-9"),
    "networks for nothing": with_number("capex_meur", "1e-9"),
    "networks that cost the world": with_number("capex_meur", "1e6"),
    "networks of one year": with_number("life_years", 1),
    "no tariff": with_number("tariff_cap_eur_per_unit", 0),
    "seasons in the far future": with_number("first_season_year", 2200),
    "seasons in the past": with_number("first_season_year", 1900),
    "elections in the past": with_number("first_election_year", 1900),
    "base year after the horizon": both(with_number("base_year", 2150), remove(PROJECTS)),
    "no spare capacity": with_number("spare_per_year", 0),
    "limit below what exists": put(CLUSTER, "spare_per_year = 300.0", "spare_per_year = 300.0\nlimit_per_year = 10.0"),
    "no milestones": both(put(CLUSTER, '"2030" = 0.30', ""), put(CLUSTER, '"2050" = 1.00', "")),
    "no financiers": drop_tables("financier"),
    "no networks": both(remove(PROJECTS), drop_tables("network")),
    "no networks, no financiers": both(remove(PROJECTS), drop_tables("network"), drop_tables("financier")),
    "one firm": first_row_only("a,A,cement,dry kiln (EU fuel mix),operating,1000,,611,,,,,,x\n"),
    "one firm without capacity": first_row_only("a,A,cement,dry kiln (EU fuel mix),operating,0,,0,,,,,,x\n"),
    "one planned firm": first_row_only("a,A,cement,dry kiln (EU fuel mix),planned,1000,,0,,,,,,x\n"),
    "a tiny firm that emits much": put(FIRMS, "1000,,611", "1e-9,,611"),
    "a huge firm that emits little": put(FIRMS, "1000,,611", "1e6,,1e-9"),
    "campaign older than campaigns last": put(FIRMS, "2024,150,12", "2024,150,900"),
    "announced in the past": put(PROJECTS, "announced,2025", "announced,1990"),
    "planned for today": both(put(PROJECTS, "2029,10", "2024,10"), put(PROJECTS, "announced,2025,2030", "permitted,,2026")),
    "planned for the far future": put(PROJECTS, "2024,2029,10", "2024,2200,10"),
    "decided for the far future": put(PROJECTS, "planned,2024,2029,10", "building,2024,2200,10"),
    "on hold without a year": put(PROJECTS, "planned,2024,2029,10", "on hold,,,10"),
    "a grant that pays for all": put(PROJECTS, "2029,10", "2029,1e6"),
    "a contract that pays for all": put(PROJECTS, "2029,10,,", "2029,10,1e6,"),
    "a hub that is being built": add(PROJECTS, ",,co2-hub,Hub,,building,2020,2027,,,made up,estimate\n"),
    "units that stop at once": both(
        put(UNITS, "campaign_age_years,source", "last_year,source"),
        put(UNITS, "120,,4", "120,,2026"),
        put(UNITS, "80,,11", "80,,2026"),
        remove(PROJECTS),
    ),
    "a unit that stopped before the start": both(
        put(UNITS, "campaign_age_years,source", "last_year,source"),
        put(UNITS, "120,,4", "120,,2024"),
        put(UNITS, "80,,11", "80,,"),
    ),
    "a unit that stops before its project starts": both(
        put(UNITS, "campaign_age_years,source", "last_year,source"),
        put(UNITS, "120,,4", "120,,"),
        put(UNITS, "80,,11", "80,,2026"),
    ),
    "a unit of nearly nothing": both(put(UNITS, "120,", "199.9999999,"), put(UNITS, "80,", "1e-7,")),
    "a buyer who pays much": put(BUYERS, "60,40", "60,1e6"),
    "a buyer who buys much": put(BUYERS, "60,40", "1e7,40"),
    "a buyer of a year": put(BUYERS, "2027,8", "2027,1"),
    "no biomass left": put(CLUSTER, "available_per_year = 400.0", "available_per_year = 140.0"),
    "dear biomass": put(CLUSTER, "price_rise_share = 0.5", "price_rise_share = 1e3"),
    "no jobs": put(FIRMS, "2024,150,", "2024,0,"),
    "heat beyond all need": link("cement-works", "food-factory", "1e7"),
    "heat both ways": both(link("cement-works", "food-factory"), link("food-factory", "cement-works")),
    "two years": horizon("[2049, 2050]"),
    "eighty years": horizon("[1990, 2070]"),
}


@pytest.mark.parametrize("edit", EXTREMES.values(), ids=[name.replace(" ", "-") for name in EXTREMES])
def test_an_extreme_world_runs_with_its_books_in_order(edit, work):
    listed('["current-policies"]')(work / "region")
    edit(work / "region")
    experiment = load_experiment("region/experiment.toml", runs=3, check_books=True)
    for policy in range(len(experiment.policies)):
        world = world_of(experiment, policy)
        arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(policy, 0, 3))
        assert [failure["traceback"] for failure in failures] == []
        for name in arrays.series.dtype.names:
            assert np.isfinite(arrays.series[name]).all(), name
        assert (arrays.series["abated_share"] <= 1).all()


def test_a_default_does_not_use_a_network_beyond_its_capacity():
    """`run --check-books` over 50 years or more ends in 'a network is booked or used beyond its capacity' in some runs."""
    s = small_state(firms=2, options_per_firm=3)
    network = s.networks[0]
    network.stage, network.capacity = NET_OPERATING, 400.0
    s.options[1].volume[0] = 400.0  # the first firm's first project; its second one (option 2) needs no network
    s.options[4].volume[0] = 400.0
    for firm, option, quarter in ((0, 1, 8), (0, 2, 60), (1, 4, 80)):
        s.firms[firm].candidate = option
        if lacks_network(s, s.firms[firm]):
            continue
        reserve(s, s.firms[firm])
        commission(s, firm, quarter)
    fail(s, 0, 100)
    audit_capacity(s)
