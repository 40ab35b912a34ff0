"""The text files of an imported cluster: `cluster.toml`, `experiment.toml`, `own-prices.csv` and `sources.md`."""

import json

from clusterpact.experiments.making.offers import lenders_for, needs_of, networks_for
from clusterpact.experiments.making.past import government_then, network_then
from clusterpact.experiments.making.request import Imported, Request
from clusterpact.experiments.making.review import review_line
from clusterpact.inputs import Record
from clusterpact.sim.cluster import Plant
from clusterpact.sim.tables import Tables

UNITS_HELP = """\
# One row a plant: it decides as a whole. To divide a plant, write a row for each furnace, kiln, boiler house or block in
# place of its row, each with a unit of its own (small letters, digits, hyphens). Capacities must add up to the plant's.
# scope1_share: share of the plant's emissions, 1 in all; blank in all rows of a plant: by capacity.
# technology: blank is the plant's own. campaign_age_years: years since the last reline. last_year: last year it may run.
"""
PROJECTS_HELP = """\
# Projects in hand at the start: write a row for each, such as (one line, for a unit kiln-2 of a plant west-works)
# west-works,kiln-2,,Oxyfuel kiln,kiln+oxyfuel CCS,planned,2024,2030,120,,where it is said,published,
# stage: announced, planned, permitted, contract signed, FID, building or on hold. start_year: as last stated.
# technology: a row of the plant's sector in the technology table. A network's project has only its id in network.
# grant_meur, strike_eur_per_t: grant and carbon contract that it holds. More rows of one unit are phases in their order.
"""
BUYERS_HELP = """\
# Who would buy low-carbon products of these plants: write a row for each, such as
# builders,Builders of the region,cement,150,20,2028,8,0.3,where it is said,estimate,
# product: a sector of firms.csv. Volume in kt a year (GWh for power, heat and hydrogen), premium over the usual price.
# from_year: first year in which it signs. public_share: share of its purchases for public works.
"""
START_YEAR = 2026  #: first year of the horizon, where known projects stand as they do now
MILESTONES = {"2030": 0.30, "2040": 0.65, "2050": 1.0}


def cluster_toml(request: Request, outcome: Imported, plants: list[Plant], tables: Tables) -> str:
    """The file `cluster.toml`: what the register says, and offers of generic size marked as estimates."""
    register, year, selection = request.register, request.year, request.selection
    needs = needs_of(plants, tables)
    networks = networks_for(needs)
    head = {
        "name": request.name, "title": request.title, "country": request.law.country, "base_year": year,
        "governance": "majority",
        "source": f"plants: {register.title} {year} ({selection}); all else: generic estimates; decision rule: assumed",
        "mark": "estimate",
    }  # fmt: skip
    governments = list(request.law.governments)
    if request.record_to is not None:
        governments = [government_then(government, year) for government in governments]
        networks = [network_then(network, year) for network in networks]
    total = {
        "quantity": "scope1_kt", "value": round((outcome.mapped_t + outcome.left_out_t) / 1000, 6), "year": year,
        "scope": f"{register.title}, {selection}",
        "why": f"{outcome.left_out_t / 1000:,.3f} kt of the register stand in unmapped.csv and not among the plants",
        "source": register.attribution,
    }  # fmt: skip
    parts = [
        f"# Made by `clusterpact import {register.kind}`; see sources.md. Plants are the register's; networks, lenders,\n"
        "# governments and milestones are generic estimates to start from. Money: EUR of 2025, real.",
        toml_table("", head),
        "[milestones]\n# Abated share of scope 1 against the base year: nobody's aims, a path to net zero (estimate).\n"
        + "\n".join(f'"{when}" = {share}' for when, share in MILESTONES.items()),
        "[instruments]\n# What is law here; see `clusterpact list instruments`. Grants in hand stand in projects.csv.\n"
        f"# Who sets the carbon price: {request.law.source}.\n" + toml_table("", request.law.instruments),
        "# The register's total of the selection: the plants of firms.csv and the sites of unmapped.csv together.\n"
        + toml_table("[[published]]", total),
        *(toml_table("[[network]]", shown(network)) for network in networks),
        *(toml_table("[[financier]]", shown(lender)) for lender in lenders_for(needs, networks)),
        *(toml_table("[[government]]", shown(government)) for government in governments),
    ]
    return "\n\n".join(parts) + "\n"


def shown(record: Record) -> dict[str, object]:
    """Fields of a record that are set."""
    return {key: value for key, value in record.model_dump(by_alias=True).items() if value is not None}


def toml_table(header: str, fields: dict[str, object]) -> str:
    """A table of a TOML file, with its header unless that is empty."""
    lines = [f"{key} = {toml_value(value)}" for key, value in fields.items()]
    return "\n".join([header, *lines] if header else lines)


def toml_value(value: object) -> str:
    """A value as TOML; JSON writes strings, numbers and truth values alike, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def experiment_toml(name: str, title: str, year: int) -> str:
    """The file `experiment.toml`, ready to run."""
    first = max(START_YEAR, year + 1)
    return f"""name = {toml_value(name)}
title = {toml_value(f"{title}: what does a pact change?")}
cluster = "."                      # this folder
horizon = [{first}, {max(2050, first + 5)}]
runs = 200
seed = 1
baseline = "current-policies"
policies = ["current-policies", "pact", "finance-first", "infrastructure-first"]

[uncertainty]                      # drawn once a run, the same for every policy; see `clusterpact list parameters`
carbon_price_level = {{ triangular = [0.0, 0.5, 1.0] }}
bindingness = {{ uniform = [0.1, 0.9] }}

[targets]                          # abated share of scope 1: the milestones of cluster.toml
{max(2050, first + 5)} = 0.95
"""


def sources_page(request: Request, outcome: Imported, digest: str) -> str:
    """The page `sources.md`: where every figure is from; digest: SHA-256 of the register's file."""
    register, selection, year = request.register, request.selection, request.year
    plants, mapped_t = len(outcome.plants), outcome.mapped_t
    left_out, left_out_t = len(outcome.left_out), outcome.left_out_t
    activities = request.own_activities or "your own"
    doubles = "".join(f"- {line}\n" for line in request.warnings)
    traps = "".join(f"- {line}\n" for line in register.traps)
    return f"""# {request.title}: what is in the files, and how far to trust it

**Register.** {register.title}, file `{register.path.name}` (SHA-256 {digest[:16]}…). Selection: {selection}. Year: {year}.

**Attribution.** {register.attribution}.

**Command.** `{request.command}`

**Sums.** {plants:,} plants in `firms.csv` with {mapped_t:,.3f} t, and {left_out:,} sites in `unmapped.csv` with
{left_out_t:,.3f} t: together {mapped_t + left_out_t:,.3f} t CO2e, the register's sum of the selection.

**Published**: emissions{" and free allocation" if register.has_free_allocation else ""}, names, operators, places.
**Derived**: capacities = emissions / CO2 per unit of the technology table, so every plant is taken to run at the table's
CO2 per unit and at full load.
**Derived**: owners = parent company, operator or account holder of the register; firms of one group may stand apart.
**Estimate**: the sector and technology of a site where its `note` says so (mapping table of the library, or {activities}),
networks, lenders, governments and milestones (arithmetic in their `source` in `cluster.toml`). Ages of campaigns, announced
projects and jobs are left open: the register does not say them.
**Left for you**: `units.csv` has one unit a plant, `projects.csv` and `buyers.csv` have no rows. Their first lines say how
to fill them.

**To check by hand**: `review.csv` ({review_line(outcome.guesses, plants, mapped_t)});
then, largest plants first: technology, capacity, `gas_from`, units, projects; then networks and lenders.

{"**Warnings.**" + chr(10) + doubles if doubles else ""}
**Traps of this register.**
{traps}"""
