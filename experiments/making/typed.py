"""Typed clusters: places of which little is published, made from their sectors so that their totals meet what is.

`python -m clusterpact.experiments.making.typed` writes the folders anew from the tables in `experiments/library/typed/`.
Every plant is a type, not a site: its emissions are its share of the cluster's total; clusters without a total share what a
network's published total leaves, by the weights of their plants. Jobs and value added follow in the same way. A plant that
is larger than one typical unit of its sector becomes several equal ones. All of it is marked.
"""

import csv
import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.cluster_text import shown, toml_table, toml_value
from clusterpact.experiments.making.offers import Needs, lenders_for, needs_of, networks_for
from clusterpact.experiments.making.places import REGIONS, prices_text
from clusterpact.experiments.making.typed_units import NOTE, TypicalUnit, units_of
from clusterpact.inputs import Record, read_table
from clusterpact.sim.amounts import Mark, NotNegative, Positive, Slug
from clusterpact.sim.cluster import GroupFile, Plant
from clusterpact.sim.scenario import CLUSTERS, GROUP_FILE, OWN_PRICES, read_scenario
from clusterpact.sim.tables import Economy, Tables, read_tables
from clusterpact.sim.units import UNITS_FILE, UnitRow

TABLES = MAKING / "typed"
TONNES_PER_WEIGHT = 100_000.0  #: scope 1 of a plant of weight one where no total is known, before it is scaled to one
MEUR_PER_JOB = 0.1  #: value added per direct job: spreads a cluster's jobs over its plants (estimate)
MILESTONES = {"2030": 0.30, "2040": 0.65, "2050": 1.0}  #: nobody's aims, a path to net zero (estimate)
COLUMNS = (
    "id", "name", "owner", "sector", "technology", "capacity_kt_per_year", "capacity_gwh_per_year", "scope1_kt_per_year",
    "scope1_year", "jobs", "gva_meur_per_year", "owner_mark", "scope1_mark", "capacity_mark", "jobs_mark", "gva_mark",
    "source", "note",
)  # fmt: skip
HEAD = "# A typed cluster, made from experiments/library/typed/ (see docs/clusters.md): change it there. Money: EUR of 2025."


class TypedCluster(Record):
    """One row of `clusters.csv`: where the cluster is, and the totals that are published or derived (blank: none)."""

    folder: str
    name: str
    title: str
    country: str
    region: str
    region_term_years: int
    base_year: int
    scope1_kt: NotNegative | None = None
    scope1_mark: Mark | None = None
    jobs_total: Positive | None = None
    gva_total_meur: Positive | None = None
    gva_direct_meur: Positive | None = None
    source: str


class TypedPlants(Record):
    """One row of `plants.csv`: plants of one type, their weight each, or their sum (kt) where that is known.

    `owner` is the one company that holds all plants of the type in the place; blank where there are several.
    """

    cluster: str
    label: str
    sector: str
    plants: int
    weight: Positive
    scope1_kt: NotNegative | None = None
    owner: Slug = ""


@dataclass(frozen=True)
class Made:
    """A typed cluster in the making: its row, its plants with emissions in kt a year, and how they came about."""

    row: TypedCluster
    plants: tuple[Plant, ...]
    note: str


def write_all(out: Path = CLUSTERS) -> list[Path]:
    """Write every typed cluster and network of clusters below a folder; returns the files."""
    clusters = read_table(TABLES / "clusters.csv", TypedCluster)
    types = read_table(TABLES / "plants.csv", TypedPlants)
    regions = tomllib.loads(REGIONS.read_text(encoding="utf-8"))
    networks = tomllib.loads((TABLES / "networks.toml").read_text(encoding="utf-8"))
    tables = read_tables()
    written = []
    for row in clusters:
        if row.folder not in networks:
            made = make([row], types, tables, {}, {})
            written += _write_cluster(out / row.name, made[0], regions, tables, "state")
    for name, network in networks.items():
        rows = [row for row in clusters if row.folder in (name, network.get("with_rows_of"))]
        published = (
            {entry["quantity"]: entry["value"] for entry in network["published"]} if network["support"] == "state" else {}
        )
        others = [read_scenario(CLUSTERS / member) for member in network["clusters"] if member not in {r.name for r in rows}]
        made = make(rows, types, tables, published, _sums(others))
        for cluster in made:
            written += _write_cluster(out / name / cluster.row.name, cluster, regions, tables, network["support"])
        groups = [cluster.plants for cluster in made] + [other.plants for other in others]
        needs = [needs_of(list(group), tables) for group in groups]
        written.append(_write_network(out / name, name, network, needs))
    return written


def _sums(others: Iterable[Any]) -> dict[str, float]:
    """What the members that are not typed add to a network's totals."""
    from clusterpact.sim.account import account_today

    total: dict[str, float] = {}
    for other in others:
        for quantity, value in account_today(other).groupby("quantity")["value"].sum().items():
            total[str(quantity)] = total.get(str(quantity), 0.0) + float(value)
    return total


def make(rows: list[TypedCluster], types: list[TypedPlants], tables: Tables, published: dict[str, float],
         others: dict[str, float]) -> list[Made]:  # fmt: skip
    """The plants of typed clusters; those without a total share what a published total leaves, after the others."""
    weights = {row.name: [entry for entry in types if entry.cluster == row.name] for row in rows}
    known = {row.name: _known_kt(row, weights[row.name]) for row in rows}
    base = {name: TONNES_PER_WEIGHT / 1000 * sum(e.plants * e.weight for e in entries) for name, entries in weights.items()}
    left = (
        published.get("scope1_kt", 0.0) - others.get("scope1_kt", 0.0) - sum(kt for kt in known.values() if kt is not None)
    )
    open_base = sum(base[name] for name, kt in known.items() if kt is None)
    made = []
    for row in rows:
        total = known[row.name]
        note = row.source
        if total is None:
            total = left * base[row.name] / open_base
            note = f"{row.source}. Filled: {total:,.0f} kt is its share, by weights of its plants, of the {left:,.0f} kt " \
                   f"that the network's published total leaves"  # fmt: skip
        plants = _plants(row, weights[row.name], total, base[row.name], note, tables)
        made.append(Made(row, plants, note))
    return _with_jobs(made, tables, published, others)


def _known_kt(row: TypedCluster, entries: list[TypedPlants]) -> float | None:
    listed = [entry.scope1_kt for entry in entries]
    return row.scope1_kt if row.scope1_kt is not None else (sum(k or 0.0 for k in listed) if None not in listed else None)


def _plants(row: TypedCluster, entries: list[TypedPlants], total: float, base: float, note: str,
            tables: Tables) -> tuple[Plant, ...]:  # fmt: skip
    """Plants of every type, from large to small: the k-th of a type has 1 / (1 + k / 4) of the first one's size."""
    plants = []
    for entry in entries:
        technology = next(t for t in tables.of_sector(entry.sector) if t.role == "incumbent")
        kt = entry.scope1_kt
        if kt is None:
            kt = total * TONNES_PER_WEIGHT / 1000 * entry.plants * entry.weight / base
        sizes = [1 / (1 + k / 4) for k in range(entry.plants)]
        unit = "capacity_gwh_per_year" if technology.unit.startswith("MWh") else "capacity_kt_per_year"
        for k, size in enumerate(sizes, start=1):
            emitted = round(kt * size / sum(sizes), 6)
            label = f"{entry.label} {k}" if entry.plants > 1 else entry.label
            plants.append(Plant.model_validate({
                "id": label.lower().replace(" ", "-"), "name": f"{label}, {row.title}", "sector": entry.sector,
                "technology": technology.technology, unit: round(emitted / technology.co2_direct_t_per_unit, 6),
                "scope1_kt_per_year": emitted, "scope1_year": row.base_year, "owner_mark": "estimate",
                "scope1_mark": "estimate", "capacity_mark": "estimate", "jobs_mark": "estimate", "gva_mark": "estimate",
                "source": note, "note": NOTE,
            } | ({"owner": entry.owner} if entry.owner else {})))  # fmt: skip
    return tuple(plants)


def _with_jobs(made: list[Made], tables: Tables, published: dict[str, float], others: dict[str, float]) -> list[Made]:
    """Plants with direct jobs and value added, scaled to the totals that are published or left by a network's total."""
    rows = {cluster.row.name: cluster.row for cluster in made}
    direct = {name: _direct_gva(cluster.plants, tables.economy) for name, cluster in ((c.row.name, c) for c in made)}
    spill = {name: sum(value * tables.economy[plant.sector].gva_multiplier for plant, value in zip(c.plants, direct[name],
                       strict=True)) for name, c in ((c.row.name, c) for c in made)}  # fmt: skip
    gva = _factors({name: row.gva_total_meur for name, row in rows.items()}, spill,
                   published.get("gva_total_meur"), others.get("gva_total_meur", 0.0))  # fmt: skip
    for name, row in rows.items():
        if row.gva_direct_meur is not None:
            gva[name] = row.gva_direct_meur / sum(direct[name])
    workers = {name: sum(value * gva[name] / MEUR_PER_JOB * tables.economy[plant.sector].jobs_multiplier
                         for plant, value in zip(c.plants, direct[name], strict=True))
               for name, c in ((c.row.name, c) for c in made)}  # fmt: skip
    jobs = _factors({name: row.jobs_total for name, row in rows.items()}, workers,
                    published.get("jobs_total"), others.get("jobs_total", 0.0))  # fmt: skip
    return [
        Made(cluster.row, tuple(
            plant.model_copy(update={"gva_meur_per_year": round(value * gva[name], 6),
                                     "jobs": round(value * gva[name] / MEUR_PER_JOB * jobs[name], 3)})
            for plant, value in zip(cluster.plants, direct[name], strict=True)
        ), cluster.note)
        for name, cluster in ((c.row.name, c) for c in made)
    ]  # fmt: skip


def _direct_gva(plants: tuple[Plant, ...], economy: dict[str, Economy]) -> list[float]:
    return [economy[plant.sector].gva_eur_per_unit * plant.capacity / 1000 for plant in plants]


def _factors(
    totals: dict[str, float | None], sums: dict[str, float], published: float | None, others: float
) -> dict[str, float]:
    """Factors that bring every cluster's sum to its total; those without one share what the published total leaves."""
    left = None if published is None else published - others - sum(total or 0.0 for total in totals.values())
    rest = sum(sums[name] for name, total in totals.items() if total is None)
    common = 1.0 if left is None else left / rest
    return {name: common if total is None else total / sums[name] for name, total in totals.items()}


def _write_cluster(folder: Path, made: Made, regions: dict[str, Any], tables: Tables, support: str) -> list[Path]:
    """Write the folder of one typed cluster."""
    row, region = made.row, regions[made.row.region]
    needs = needs_of(list(made.plants), tables)
    networks = networks_for(needs)
    head = {"name": row.name, "title": row.title, "country": row.country, "base_year": row.base_year,
            "governance": "majority", "source": f"{made.note}. A typed cluster", "mark": "estimate"}  # fmt: skip
    parts = [HEAD + "\n" + toml_table("", head), _keyed("milestones", region.get("milestones", MILESTONES))]
    if "instruments" in region:
        parts.append(toml_table("[instruments]", region["instruments"]))
    parts += [
        toml_table("[[grid_factor]]", {"year": int(year), "t_per_mwh": float(value), "mark": "estimate",
                                       "source": f"grid power of {row.region}: from memory"})
        for year, value in region["grid_factor"].items()
    ]  # fmt: skip
    parts += [toml_table("[[published]]", entry) for entry in _published(made)]
    parts += [toml_table("[[network]]", shown(network)) for network in networks]
    parts += [toml_table("[[financier]]", shown(lender)) for lender in lenders_for(needs, networks)]
    parts += [toml_table("[[government]]", government) for government in _governments(row, region, support)]
    files = {"cluster.toml": "\n\n".join(parts) + "\n", "firms.csv": _firms(made.plants)}
    units = units_of(made.plants, read_table(TABLES / UNITS_FILE, TypicalUnit))
    if units:
        files[UNITS_FILE] = _csv(tuple(UnitRow.model_fields), units)
    if "prices_of" in region:
        files[OWN_PRICES] = (CLUSTERS / region["prices_of"] / OWN_PRICES).read_text(encoding="utf-8")
    elif "prices" in region:
        files[OWN_PRICES] = prices_text(region["prices"], region["prices_source"])
    return _write(folder, files)


def _write(folder: Path, files: dict[str, str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in files]


def _keyed(title: str, values: dict[str, Any]) -> str:
    """A table whose keys are years, which TOML wants quoted."""
    return "\n".join([f"[{title}]", *(f'"{year}" = {toml_value(value)}' for year, value in values.items())])


def _published(made: Made) -> list[dict[str, Any]]:
    """The totals that the cluster was made to meet."""
    row = made.row
    entries = {"scope1_kt": row.scope1_kt, "jobs_total": row.jobs_total, "gva_total_meur": row.gva_total_meur,
               "gva_direct_meur": row.gva_direct_meur}  # fmt: skip
    if row.scope1_mark == "estimate":
        del entries["scope1_kt"]
    return [
        {"quantity": name, "value": value, "year": row.base_year, "scope": "the cluster; plants were scaled to it",
         "tolerance_pct": 1.0, "source": row.source}
        for name, value in entries.items() if value is not None
    ]  # fmt: skip


def _governments(row: TypedCluster, region: dict[str, Any], support: str) -> list[dict[str, object]]:
    """Who sets the carbon price, who supports (the state, or the region itself), and who governs the pact."""
    wide: list[dict[str, Any]] = []
    if "union" in region:
        european = read_scenario(CLUSTERS / "dunkirk").file.government
        wide.append(shown(next(government for government in european if government.id == region["union"])))
    state = region["state"]
    if isinstance(state, str):
        american = read_scenario(CLUSTERS / region["prices_of"]).file.government
        state = shown(next(government for government in american if government.id == state))
    state = {"level": "state", "sets_carbon_price": "union" not in region, "reversal_exposed": True,
             "source": "election cycle recalled; duties and reversal: judgement", "mark": "estimate"} | state  # fmt: skip
    own = state["level"] == "region"
    state |= {"awards_support": own or support == "state", "governs_pact": own}
    if state["awards_support"] or state["sets_carbon_price"]:
        wide.append(state)
    if not own:
        wide.append({
            "id": row.name if support == "region" else f"{row.name}-region", "name": f"{row.title}: region",
            "level": "region", "awards_support": support == "region", "governs_pact": True, "first_election_year": 2027,
            "term_years": row.region_term_years, "mark": "estimate",
            "source": "support, pact role, election year and term: judgement",
        })  # fmt: skip
    return wide


def _firms(plants: tuple[Plant, ...]) -> str:
    return _csv(COLUMNS, (plant.model_dump() for plant in plants))


def _csv(columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({key: "" if value is None else value for key, value in row.items()})
    return text.getvalue()


def _write_network(folder: Path, name: str, network: dict[str, Any], needs: list[Needs]) -> Path:
    """Write the file of a network of clusters: members, published totals, teams, and lenders sized for all of them."""
    whole = Needs({}, sum(need.capital_meur for need in needs), max(need.largest_meur for need in needs))
    networks = [row for need in needs if need.volume for row in networks_for(need)]
    group = {"name": name, "title": network["title"], "clusters": network["clusters"], "source": network["source"]}
    parts = [HEAD.replace("A typed cluster", "A network of clusters") + "\n" + toml_table("", group)]
    parts += [toml_table("[[published]]", entry) for entry in network["published"]]
    parts += [toml_table("[[financier]]", shown(lender)) for lender in lenders_for(whole, networks)]
    parts += [
        toml_table("[[team]]", {"interest": interest, "governments": [_government_of(member) for member in members],
                                "source": "membership is not published", "mark": "estimate"})
        for interest, members in network.get("teams", {}).items()
    ]  # fmt: skip
    text = "\n\n".join(parts) + "\n"
    GroupFile.model_validate(tomllib.loads(text))
    return _write(folder, {GROUP_FILE: text})[0]


def _government_of(member: str) -> str:
    """The government of a region of the platform: its own, or the state that it is."""
    return {"itp-california": "california-state", "itp-quebec": "quebec-government"}.get(member, member)


if __name__ == "__main__":
    for path in write_all():
        print(path)
