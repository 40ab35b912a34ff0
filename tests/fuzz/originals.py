"""What is damaged: one good example of everything that people write or receive, made once in a folder."""

import shutil
from pathlib import Path

from clusterpact.experiments.making.starter import write_starter
from tests.commands import call
from tests.experiments.registers import made_up

RUNS = ("--runs", "4", "--threads", "1", "--no-figures", "--quiet")
OWN_PRICES = """carrier,year,low,mid,high,unit,source,mark
carbon,2024,60,70,80,EUR/t,made up,estimate
carbon,2050,80,150,300,EUR/t,made up,estimate
electricity,2024,70,80,90,EUR/MWh,made up,estimate
"""
OWN_OWNERS = """owner,title,cash_flow_meur_per_year,net_debt_meur,source,mark
big-group,Big Group,800,1200,made up,estimate
"""
GROUP = 'name = "two-places"\ntitle = "Two places"\nclusters = ["one", "other"]\n'
PAIR = 'name = "pair"\ncluster = "."\nruns = 2\npolicies = ["current-policies", "pact"]\n'
MINE = """Facility;Kind;CO2;Lat;Lon;Land
Kesselhaus;boilers;12,5;51,5;7,1;DE
Steel works;Iron & Steel;1.830,25;51,4;7,0;DE
Usine;cement;640;50,4;2,9;FR
"""
KINDS = """[kinds]
"Iron & Steel" = "primary_steel"
"boilers" = "process_heat"
"""
ACTIVITIES = """register,code,words,from_kt,meaning,sector,technology,source,mark
eutl,29,drehofen*,,Kiln,cement,dry kiln (EU fuel mix),made up,estimate
"""


def make(folder: Path) -> None:
    """Make all originals: `place`, `group`, `past`, `registers`, and the results `whole`, `begun` and `screened`."""
    place = folder / "place"
    write_starter(place)
    (place / "own-prices.csv").write_text(OWN_PRICES)
    (place / "own-owners.csv").write_text(OWN_OWNERS)
    firms = (place / "firms.csv").read_text().splitlines()
    owners = ["owner", "big-group", "big-group", *[""] * len(firms)]
    (place / "firms.csv").write_text("".join(f"{line},{owner}\n" for line, owner in zip(firms, owners, strict=False)))
    group = folder / "group"
    group.mkdir()
    (group / "clusters.toml").write_text(GROUP)
    (group / "experiment.toml").write_text(PAIR)
    for name in ("one", "other"):
        shutil.copytree(place, group / name)
        file = group / name / "cluster.toml"
        file.write_text(file.read_text().replace('name = "my-cluster"', f'name = "{name}"'))
    registers = folder / "registers"
    registers.mkdir()
    made_up.table(registers / "eutl.csv", made_up.INSTALLATIONS, made_up.ACCOUNTS)
    made_up.table(registers / "points.csv", made_up.YEARLY, made_up.POINTS)
    made_up.table(registers / "hotmaps.csv", made_up.HOTMAPS, made_up.HOTSPOTS)
    made_up.workbook(registers / "ghgrp.xlsx")
    (registers / "activities.csv").write_text(ACTIVITIES)
    (registers / "mine.csv").write_text(MINE)
    (registers / "kinds.toml").write_text(KINDS)
    done("import", "eutl", registers / "eutl.csv", "--year", 2021, "--record-to", 2022, "--out", folder / "past")
    experiment = place / "experiment.toml"
    done("run", experiment, "--out", folder / "whole", "--shard-runs", 2, *RUNS)
    done("run", experiment, "--out", folder / "begun", "--shard-runs", 2, "--shard", "1/1", *RUNS)
    done("run", folder / "past" / "experiment.toml", "--out", folder / "scored", *RUNS)


def done(*arguments: object) -> None:
    """A command that must end well."""
    code = call(*arguments)
    if code:
        raise RuntimeError(f"exit code {code}: {' '.join(map(str, arguments))}")
