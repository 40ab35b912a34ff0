"""An account in lines for the screen."""

import textwrap
from collections.abc import Iterator

import numpy as np
import pandas as pd

from clusterpact.experiments.questions.account import Account, Paths
from clusterpact.results.statistics.account import shares
from clusterpact.sim.account import MARKS, grid_factor, grid_mark, power_sellers
from clusterpact.sim.scenario import Scenario
from clusterpact.texts import padded, width

WIDTH = 118
LABELS = {
    "scope1_kt": "scope 1, kt CO2e", "scope2_kt": "scope 2, kt CO2e",
    "captured_kt": "captured, kt CO2", "heat_sold_gwh": "heat sold, GWh", "heat_power_gwh": "power from heat, GWh",
    "homes_heated": "homes heated", "homes_powered": "homes powered", "jobs_direct": "jobs, direct",
    "jobs_total": "jobs, all", "gva_direct_meur": "GVA, direct, MEUR", "gva_total_meur": "GVA, all, MEUR",
}  # fmt: skip
#: Columns of the table by sector: group, heading.
COLUMNS = {
    "scope1_kt": ("kt CO2e", "scope 1"), "scope2_kt": ("", "scope 2"), "captured_kt": ("", "captured"),
    "jobs_direct": ("jobs", "direct"), "jobs_indirect": ("", "indirect"), "jobs_induced": ("", "induced"),
    "gva_direct_meur": ("GVA, MEUR", "direct"), "gva_total_meur": ("", "all"),
}  # fmt: skip
RESTING = ("co2e_kt", "jobs_direct", "jobs_total", "gva_direct_meur", "gva_total_meur")
ALONG = (
    "scope1_kt", "scope2_kt", "captured_kt", "jobs_direct", "jobs_total", "gva_direct_meur", "gva_total_meur",
    "heat_sold_gwh", "homes_heated",
)  # fmt: skip
MOST_YEARS = 7


def describe(account: Account) -> Iterator[str]:
    """The screen: the cluster by sector, or a network of clusters by cluster (the sectors of each are in the table)."""
    if account.scenario.members:
        yield from _network(account)
    else:
        yield from _cluster(account, account.scenario)


def _cluster(account: Account, part: Scenario) -> Iterator[str]:
    file = part.file
    plants = account.plants[account.plants["cluster"] == file.name]
    count = plants["name"].nunique()
    planned = len(part.sites) - count
    later = f", {planned} planned (counted from when they run)" if planned else ""
    yield f"\n{file.title} · {file.base_year} · {count} plants run{later}\n"
    today = account.today[account.today["cluster"] == file.name]
    yield from _by_sector(today[today["level"] == "sector"], account.sums(file.name), plants)
    yield from _notes(part, plants)
    yield from _rests(plants)
    yield from _heat(account.sums(file.name))
    yield from _published(account.published, file.name)
    if account.paths:
        yield from _paths(account.paths, file.name)
        yield from _roadmaps(account, file.name)


def _network(account: Account) -> Iterator[str]:
    yield f"\nAll clusters: {account.scenario.file.title}\n"
    clusters = account.today[account.today["level"] == "cluster"].assign(sector=lambda rows: rows["cluster"])
    counted = account.plants.assign(sector=account.plants["cluster"])
    yield from _by_sector(clusters, account.sums(None), counted, "cluster")
    yield from _rests(account.plants)
    yield from _heat(account.sums(None))
    yield from _published(account.published, "")
    if account.paths:
        yield from _paths(account.paths, None)


def number(value: float, digits: int = 0) -> str:
    """A number for people; what is not stated as a dash."""
    return "-" if np.isnan(value) else f"{value + 0.0:,.{digits}f}"


def grid(rows: list[list[str]]) -> Iterator[str]:
    """Rows in columns, numbers to the right; a rule under the heading (all rows before an empty one)."""
    cells = [row for row in rows if row]
    widths = [max(width(row[k]) for row in cells) for k in range(len(cells[0]))]
    for row in rows:
        if not row:
            yield "-" * (sum(widths) + 2 * len(widths) - 2)
            continue
        right = (" " * (2 + w - width(cell)) + cell for cell, w in zip(row[1:], widths[1:], strict=True))
        yield padded(row[0], widths[0]) + "".join(right)


def _by_sector(rows: pd.DataFrame, sums: "pd.Series[float]", plants: pd.DataFrame, what: str = "sector") -> Iterator[str]:
    wide = rows.pivot(index="sector", columns="quantity", values="value").sort_values("scope1_kt", ascending=False)
    count = plants.groupby("sector")["name"].nunique().to_dict()

    def cells(values: "pd.Series[float]") -> list[str]:
        return [number(values[name], 1 if name.endswith("_kt") else 0) for name in COLUMNS]

    table = [["", "", *(group for group, _ in COLUMNS.values())], [what, "plants", *(head for _, head in COLUMNS.values())],
             []]  # fmt: skip
    table += [[str(sector), str(count[sector]), *cells(values)] for sector, values in wide.iterrows()]
    table += [[], ["total", str(plants["name"].nunique()), *cells(sums)]]
    yield from grid(table)


def _notes(part: Scenario, plants: pd.DataFrame) -> Iterator[str]:
    """What the table leaves out, in words."""
    year = part.file.base_year
    factor = grid_factor(part.file.grid_factor, year)
    bought = plants.loc[plants["quantity"] == "electricity_bought_gwh", "value"].sum()
    sellers = [name for name in power_sellers(part) if name in set(plants["name"])]
    power = f"; power stations count 0 ({', '.join(sellers)})" if sellers else ""
    if np.isnan(factor):
        text = f"scope 2: not stated, since the cluster gives no grid factor; electricity bought {bought:,.0f} GWh{power}"
    else:
        mark = grid_mark(part.file.grid_factor, year)
        text = f"scope 2: {bought:,.0f} GWh of electricity bought, at {factor:.3g} t/MWh in {year} ({mark}){power}"
    yield from textwrap.wrap(text, WIDTH)
    idle = list(plants.loc[(plants["quantity"] == "jobs_direct") & (plants["value"] == 0), "name"])
    if idle:
        text = f"jobs: no figure for {len(idle)} plants, which count 0 ({', '.join(idle)})"
        yield from textwrap.wrap(textwrap.shorten(text, 2 * WIDTH, placeholder=" …)"), WIDTH)


def _rests(plants: pd.DataFrame) -> Iterator[str]:
    parts = shares(plants).reindex(list(RESTING)).dropna()
    stated = plants.loc[plants["quantity"] == "scope2_kt", "value"].notna().all()
    labels = LABELS | {"co2e_kt": "CO2e, scope 1 and 2" if stated else "CO2e, scope 1"}
    yield ""
    yield from grid([["rests on figures that are", *MARKS], [],
                     *([labels[str(name)].removesuffix(", MEUR"), *(f"{100 * share:.0f} %" for share in row)]
                       for name, row in parts.iterrows())])  # fmt: skip


def _heat(sums: "pd.Series[float]") -> Iterator[str]:
    if sums["heat_sold_gwh"] > 0:
        yield ""
        text = (f"waste heat: {sums['heat_sold_gwh']:,.1f} GWh sold in the cold half of the year (about "
               f"{sums['homes_heated']:,.0f} homes), {sums['heat_power_gwh']:,.1f} GWh of power from it in the warm half "
               f"(about {sums['homes_powered']:,.0f} homes)")  # fmt: skip
        yield from textwrap.wrap(text, WIDTH)


def _published(published: pd.DataFrame, cluster: str) -> Iterator[str]:
    rows = published[published["cluster"] == cluster] if len(published) else published
    if not len(rows):
        return
    table = [["published total", "year", "published", "ours", "difference", "tolerance", ""], []]
    for row in rows.to_dict("records"):
        missing = np.isnan(row["ours"])
        verdict = "not stated" if missing else "agrees" if row["within"] else "differs"
        digits = 0 if row["published"] >= 1000 else 1
        table.append([LABELS[row["quantity"]], "" if pd.isna(row["year"]) else f"{row['year']:.0f}",
                      number(row["published"], digits), number(row["ours"], digits),
                      "-" if missing else f"{row['difference_pct']:+.1f} %", f"{row['tolerance_pct']:g} %",
                      verdict])  # fmt: skip
    yield ""
    yield from grid(table)
    for row in rows.to_dict("records"):
        text = f"{LABELS[row['quantity']]}: {row['scope']}"
        if not row["within"]:
            text += f"; why it differs: {row['why'] or 'not explained'}"
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def shown_years(first: int, last: int) -> list[int]:
    """Every fifth year of a horizon, with its first and last; every tenth where that is too many."""
    for step in (5, 10, 20):
        years = sorted({first, last, *(year for year in range(first, last) if year % step == 0)})
        if len(years) <= MOST_YEARS:
            break
    return years


def _paths(paths: Paths, cluster: str | None) -> Iterator[str]:
    """Totals every five years, median and range, and scope 1 by sector (by cluster for a network)."""
    years = shown_years(paths.years[0], paths.years[-1])
    rows = paths.table[paths.table["year"].isin(years)]
    own = rows[rows["level"] == "network"] if cluster is None else rows[rows["cluster"] == cluster]
    sums = own[own["level"] != "sector"]
    parts = own[own["level"] == "sector"] if cluster else rows[rows["level"] == "cluster"]
    table = [["median, 5-95 %", *map(str, years)], []]
    for name in ALONG:
        mine = sums[sums["quantity"] == name].set_index("year")
        if not mine["high"].max() > 0:
            continue
        digits = 1 if mine["high"].max() < 100 else 0
        table.append([LABELS[name], *(number(value, digits) for value in mine["value"])])
        if (mine["high"] - mine["low"]).max() > 0.5 * 10.0**-digits:
            ranges = (f"{number(low, digits)}-{number(high, digits)}"
                      for low, high in zip(mine["low"], mine["high"], strict=True))  # fmt: skip
            table.append(["", *ranges])
    yield ""
    yield f"{paths.policy}, {len(paths.values):,} runs, at the end of the year:"
    yield from grid(table)
    wide = parts[parts["quantity"] == "scope1_kt"].pivot(index="name", columns="year", values="value")
    wide = wide[wide.max(axis=1) > 0].loc[lambda rows: rows[years[0]].sort_values(ascending=False).index]
    head = ["scope 1, kt: median", *map(str, years)]
    yield ""
    yield from grid([head, [], *([str(name), *(number(value, 1) for value in row)] for name, row in wide.iterrows())])


def _roadmaps(account: Account, cluster: str) -> Iterator[str]:
    rows = account.roadmaps[account.roadmaps["cluster"] == cluster]
    if not len(rows):
        return
    table = [["roadmap: share abated", "year", "milestone", "simulated"], []]
    for row in rows.to_dict("records"):
        text = f"{100 * row['value']:.0f} %, {100 * row['low']:.0f}-{100 * row['high']:.0f} %"
        text = "-" if pd.isna(row["value"]) else text
        table.append([f"{row['association']} ({row['sectors']})", str(row["year"]), f"{100 * row['milestone']:.0f} %", text])
    yield ""
    yield from grid(table)
