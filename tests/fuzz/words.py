"""Command lines: for every kind of input those that read it, and any command with options that nobody should give."""

import random
from functools import cache
from typing import Any

import typer

from clusterpact.cli.app import app
from tests.fuzz import hostile

SEARCH = ("--packages", "4", "--runs", "2", "--set", "search.population=4", "--set", "search.runs_first=2")
FEW = ("--runs", "2", "--threads", "1", "--no-figures", "--quiet")
TABLE = ("import", "table", "registers/mine.csv", "--kinds", "registers/kinds.toml", "--columns",
         "name=Facility,sector=Kind,emissions_kt=CO2,latitude=Lat,longitude=Lon,country=Land,year=2023")  # fmt: skip
#: Per kind of input: the original, which of its files are damaged, and the command lines with their weights.
KINDS: dict[str, tuple[float, str, str, dict[tuple[str, ...], float]]] = {
    "cluster": (3, "place", "*.csv cluster.toml", {
        ("validate", "place"): 5, ("show", "place"): 2, ("account", "place"): 2, ("validate", "place/experiment.toml"): 1,
        ("run", "place/experiment.toml", "--out", "out", *FEW): 3, ("account", "place", "--out", "out"): 0.2,
    }),
    "experiment": (2, "place", "experiment.toml", {
        ("validate", "place/experiment.toml"): 5, ("run", "place/experiment.toml", "--out", "out", *FEW): 3,
        ("show", "place/experiment.toml"): 1, ("slurm-script", "place/experiment.toml", "--file", "out"): 1,
    }),
    "group": (1, "group", "clusters.toml one/*.csv one/cluster.toml experiment.toml", {
        ("validate", "group"): 3, ("show", "group"): 1, ("account", "group"): 1,
        ("run", "group/experiment.toml", "--out", "out", *FEW): 1,
    }),
    "past": (1, "past", "*.csv *.toml", {
        ("validate", "past"): 2, ("run", "past/experiment.toml", "--out", "out", *FEW): 1,
    }),
    "eutl": (1.5, "registers", "eutl.csv points.csv activities.csv", {
        ("import", "eutl", "registers/eutl.csv", "--out", "out"): 3, ("import", "eutl", "registers/points.csv", "--out",
        "out"): 2,
        ("import", "eutl", "registers/eutl.csv", "--out", "out", "--activities", "registers/activities.csv"): 1,
        ("import", "eutl", "registers/eutl.csv", "--out", "out", "--year", "2021", "--record-to", "2022"): 1,
    }),
    "hotmaps": (0.7, "registers", "hotmaps.csv", {("import", "hotmaps", "registers/hotmaps.csv", "--out", "out"): 1}),
    "ghgrp": (0.7, "registers", "ghgrp.xlsx", {("import", "ghgrp", "registers/ghgrp.xlsx", "--out", "out"): 1}),
    "table": (1, "registers", "mine.csv kinds.toml", {(*TABLE, "--out", "out"): 1}),
    "result": (2.5, "whole", "*.json ledger/*.json tables/* inputs/*", {
        ("status", "whole"): 2, ("verify", "whole", "--runs", "2"): 3, ("merge", "whole"): 1, ("archive", "whole",
        "--file", "out"): 2,
        ("export", "whole", "--iamc", "out"): 1, ("export", "whole", "--xlsx", "out.xlsx"): 0.5,
        ("extend", "whole", "--runs", "6", "--out", "out", "--threads", "1", "--no-figures"): 1,
        ("compare", "whole", "--lever-runs", "0"): 2, ("compare", "whole", "--lever-runs", "2", "--threads", "1"): 0.3,
        ("timing", "whole", "--runs", "2", "--every", "24", "--instrument", "grant_share", "--threads", "1"): 0.3,
        ("search", "whole", *SEARCH, "--threads", "1"): 0.3,
        ("report", "whole", "--lever-runs", "0", "--out", "out"): 0.15, ("replay", "whole"): 1, ("outlook", "whole"): 1,
        ("run", "place/experiment.toml", "--out", "whole", "--runs", "4", "--threads", "1", "--no-figures"): 1,
    }),
    "begun": (1.5, "begun", "*.json ledger/*.json parts/*/* inputs/*", {
        ("status", "begun"): 2, ("merge", "begun"): 3, ("verify", "begun"): 1,
        ("run", "place/experiment.toml", "--out", "begun", "--runs", "4", "--threads", "1", "--no-figures"): 2,
    }),
    "scored": (0.7, "scored", "*.json tables/* inputs/*", {("score", "scored"): 1}),
    "words": (3, "", "", {}),
}  # fmt: skip
STARTS = (
    ("validate", "place"), ("show", "place"), ("show", "dunkirk"), ("list", "policies"), ("account", "place"), ("schedule",),
    ("new", "fresh"), ("run", "place/experiment.toml", *FEW), ("slurm-script", "place/experiment.toml"), ("status", "whole"),
    ("merge", "begun"), ("verify", "whole", "--runs", "2"), ("archive", "whole"), ("replay", "whole"), ("outlook", "whole"),
    ("compare", "whole", "--lever-runs", "0"), ("timing", "place/experiment.toml", "--runs", "2", "--every", "24"),
    ("score", "scored"), ("export", "whole", "--iamc", "out.csv"),
    ("extend", "whole", "--runs", "6", *FEW), ("calibrate", "place/experiment.toml"),
    ("sensitivity", "place/experiment.toml", "--trajectories", "4", "--replicates", "1", "--threads", "1"),
    ("moves", "place/experiment.toml", "--samples", "2", "--threads", "1"),
    ("search", "place/experiment.toml", "--dry-run", "--threads", "1"), ("search", "whole", *SEARCH, "--threads", "1"),
    ("import", "eutl", "registers/eutl.csv", "--out", "out"), ("import", "hotmaps", "registers/hotmaps.csv", "--out", "out"),
    ("import", "ghgrp", "registers/ghgrp.xlsx", "--out", "out"), (*TABLE, "--out", "out"),
)  # fmt: skip
#: Words for values of options, small enough that what is valid ends soon; paths stay where the case works.
PLAIN = ("place", "place/experiment.toml", "whole", "out", "no/such", "dunkirk", "pact", "2", "1/2", "2030", "0", "-1",
"0.5",
         "/proc/self/x", "local", "gone:", "48.0,16.0", "60km", "XX", "XX-1", "cumulative_mt")  # fmt: skip
SLOW = ("--threads", "--workers", "--executor", "--jobs", "--help")  #: options whose valid values take long, or end at once


@cache
def options(command: tuple[str, ...]) -> tuple[str, ...]:
    """The options of a command, such as ('import', 'eutl')."""
    found: Any = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]
    return tuple(flag for parameter in found.params for flag in (*parameter.opts, *parameter.secondary_opts)
                 if flag.startswith("--") and flag not in SLOW)  # fmt: skip


def damaged_words(rng: random.Random) -> list[str]:
    """A command line with a few words other, gone, twice or new."""
    words = list(rng.choice(STARTS))
    command = tuple(words[: 2 if words[0] == "import" else 1])
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(command), len(words) + 1)
        way = rng.randrange(6)
        if way < 3 and (known := options(command)):
            words[at:at] = [rng.choice(known), _value(rng)][: rng.choice((1, 2, 2, 2))]
        elif way == 3 and at < len(words):
            words[at] = _value(rng)
        elif way == 4 and at < len(words):
            del words[at]
        else:
            words.insert(at, _value(rng))
    if rng.random() < 0.03:
        words[0] = rng.choice((hostile.text(rng), words[0][:-1], words[0].upper(), "--version", "--help"))
    return [word.replace("\0", "")[:100_000] for word in words]


def _value(rng: random.Random) -> str:
    return rng.choice(PLAIN) if rng.random() < 0.5 else hostile.text(rng)
