"""Amounts have bounds by their meaning: a slip of a unit is a mistake where it stands, not a run that fails later."""

from collections import defaultdict

import pytest

from clusterpact.inputs import InputError
from clusterpact.sim.plausibility import USUAL
from clusterpact.sim.scenario import CLUSTERS, cluster_names, read_scenario
from tests.cli.mistakes.edits import (
    BUYERS,
    CLUSTER,
    EXPERIMENT,
    FIRMS,
    PROJECTS,
    UNITS,
    VALIDATE,
    add,
    assert_holds,
    mistake,
    put,
)

GRID = '\n[[grid_factor]]\nyear = {year}\nt_per_mwh = {factor}\nsource = "made up"\nmark = "estimate"\n'


def grid(*rows):
    """Emission factors of the grid."""
    return add(CLUSTER, "".join(GRID.format(year=year, factor=factor) for year, factor in rows))


BOUNDS = [
    mistake("cost", put(CLUSTER, "capex_meur = 300.0", "capex_meur = 1e308"), "network[1].capex_meur", "1000000"),
    mistake("phase", put(CLUSTER, "phase_per_year = ", "phase_per_year = 1e9 #"), "network[1].phase_per_year", "10000000"),
    mistake("capital", put(CLUSTER, "capital_meur = 5000.0", "capital_meur = 1e308"), "[1].capital_meur", "1000000"),
    mistake("emissions", put(FIRMS, "1000,,611", "1000,,6e14"), "firms.csv:2: scope1_kt_per_year = '6e14'", "1000000"),
    mistake("capacity", put(FIRMS, "1000,,611", "1e308,,611"), "firms.csv:2: capacity_kt_per_year = '1e308'", "1000000"),
    mistake("jobs", put(FIRMS, "2024,150,", "2024,1e9,"), "firms.csv:2: jobs", "1000000"),
    mistake("campaign", put(FIRMS, "2024,150,12", "2024,150,1e4"), "firms.csv:2: campaign_age_years", "1000"),
    mistake("grant", put(PROJECTS, "2029,10,", "2029,1e308,"), "projects.csv:4: grant_meur", "1000000"),
    mistake("volume", put(BUYERS, "60,40", "1e308,40"), "buyers.csv", "volume_kt_per_year", "10000000"),
    mistake("premium", put(BUYERS, "60,40", "60,1e308"), "buyers.csv", "premium_eur_per_t", "1000000"),
    mistake("unit", put(UNITS, "120,", "1e308,"), "units.csv", "capacity_kt_per_year", "1000000"),
    mistake("announced before all plans", put(PROJECTS, "planned,2024", "planned,1989"), "announced_year = '1989'", "1990"),
    mistake("announced -1", put(PROJECTS, "planned,2024", "planned,-1"), "announced_year = '-1'", "1990"),
    mistake("announced 1e23", put(PROJECTS, "planned,2024", "planned,1e23"), "announced_year = '1e23'"),
    mistake("base year", put(CLUSTER, "base_year = 2024", "base_year = 2200"), "cluster.toml: base_year = 2200", "2150"),
    mistake("dirty grid", grid((2024, 50)), "grid_factor[1].t_per_mwh = 50", "2"),
    mistake("grid twice", grid((2024, 0.3), (2024, 0.2)), "grid_factor.year = '2024'", "more than once"),
    mistake("long id", put(FIRMS, "lime-works", "l" * 101), "firms.csv:3: id", "at most 100"),
    mistake("very long id", put(FIRMS, "lime-works", "l" * 100_000), "firms.csv:3: id"),
    mistake("long name", put(FIRMS, "Lime works", "l" * 301), "firms.csv:3: name", "at most 300"),
    mistake("long title", put(EXPERIMENT, 'title = "', 'title = "' + "x" * 301), "experiment.toml: title", "at most 300"),
    mistake("underscore", put(FIRMS, "1000,,611", "1_000,,611"), "capacity_kt_per_year = '1_000'", "decimal digits"),
    mistake("other digits", put(FIRMS, "2024,150,", "2024,\u0663,"), "firms.csv:2: jobs", "decimal digits"),
    mistake("hexadecimal", put(FIRMS, "2024,150,", "2024,0x10,"), "firms.csv:2: jobs = '0x10'", "decimal digits"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), BOUNDS)
def test_an_amount_beyond_its_meaning_is_one_line(edit, command, words, work, complain):
    edit(work / "region")
    line = complain(*VALIDATE)
    assert_holds(line, words)
    assert len(line) < 400


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--workers", "3"), ("--workers = 3", "no effect with --executor local", "--executor dask")),
        (("--scheduler", "tcp://127.0.0.1:1"), ("--scheduler", "--executor dask")),
        (("--partition", "long"), ("--partition = 'long'", "--executor slurm")),
        (("--interface", "ib0"), ("--interface", "--executor slurm")),
        (("--cores", "1"), ("--cores = 1", "--executor slurm")),
        (("--memory", "2GB"), ("--memory", "--executor slurm")),
        (("--adaptive",), ("--adaptive", "--executor slurm")),
        (("--executor", "dask", "--jobs", "3"), ("--jobs = 3", "no effect with --executor dask")),
        (("--executor", "dask", "--workers", "3", "--scheduler", "tcp://127.0.0.1:1"), ("--workers", "--scheduler")),
        (("--executor", "gpu", "--workers", "3"), ("--workers", "no effect with --executor gpu")),
        (("--executor", "gpu", "--dry-run"), ("--dry-run", "how fast a card is")),
        (("--executor", "slurm", "--workers", "3"), ("--workers", "no effect with --executor slurm")),
    ],
)
def test_an_option_without_effect_is_one_line(options, words, complain):
    assert_holds(complain("run", "region/experiment.toml", *options), words)


def test_an_id_of_a_hundred_letters_and_units_of_long_names_are_fine(work):
    region = work / "region"
    for file in (FIRMS, UNITS, PROJECTS):
        text = (region / file).read_text(encoding="utf-8")
        (region / file).write_text(
            text.replace("glass-works", "g" * 100).replace("Glass works", "G" * 300), encoding="utf-8"
        )
    names = {plant.name for plant in read_scenario(region).plants}
    assert any(name.startswith("G" * 300 + ", ") for name in names)


def test_the_usual_amounts_are_those_of_the_library():
    largest: defaultdict[str, float] = defaultdict(float)
    costs: defaultdict[str, list[float]] = defaultdict(list)
    for name in cluster_names():
        for cluster in read_scenario(CLUSTERS / name).clusters:
            for plant in cluster.plants:
                largest[plant.sector] = max(largest[plant.sector], plant.capacity)
            for network in cluster.file.network:
                costs[network.kind].append(1000 * network.capex_meur / network.phase_per_year)
    for (of, name), row in USUAL.items():
        if of == "capacity":
            assert largest[name] == pytest.approx(row.largest, rel=0.01), name
        else:
            assert (min(costs[name]), max(costs[name])) == pytest.approx((row.smallest, row.largest), rel=0.01), name
    assert {name for of, name in USUAL if of == "capacity"} == {name for name, size in largest.items() if size > 0}


def test_a_number_that_validates_is_a_number_that_runs(work):
    put(CLUSTER, "capex_meur = 300.0", "capex_meur = 1e308")(work / "region")
    with pytest.raises(InputError):
        read_scenario(work / "region")
