"""`clusterpact import`: from the file of an emission register to a cluster folder."""

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from clusterpact.inputs import InputError

if TYPE_CHECKING:
    from clusterpact.experiments.making.cluster_folder import Imported
    from clusterpact.experiments.making.site import Register

app = typer.Typer(
    help="Make a cluster folder from the file of an emission register.\n\n"
    "Example: clusterpact import eutl eutl_installations-DE.csv --postcode 318,319 --year 2022 --out peine",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)

SHOWN_WARNINGS = 6

Out = Annotated[Path, typer.Option(help="Folder to make; it must not exist.")]
Within = Annotated[str | None, typer.Option(help="Distance from --of, such as 60km.")]
Of = Annotated[str | None, typer.Option(help="LAT,LON in degrees, such as 51.03,2.37.")]
Bbox = Annotated[str | None, typer.Option(help="S,W,N,E in degrees, such as 50.4,1.6,51.1,3.1.")]
Postcode = Annotated[str | None, typer.Option(help="First digits of postcodes, such as 318,319.")]
State = Annotated[str | None, typer.Option(help="States, such as LA or LA,TX.")]
Country = Annotated[str | None, typer.Option(help="Countries as the register writes them, such as DE or Germany.")]
Parent = Annotated[str | None, typer.Option(help="Text in the parent company or operator, in any case.")]
Ids = Annotated[str | None, typer.Option(help="Ids of the register, such as FR-956,FR-988.")]
YearOption = Annotated[int | None, typer.Option(help="Year of the emissions; default: the latest with data.")]
MinKt = Annotated[float, typer.Option(help="Smaller sites are listed in unmapped.csv only; kt a year.", min=0)]
Name = Annotated[str | None, typer.Option(help="Name of the cluster; default: that of the folder.")]
Activities = Annotated[Path | None, typer.Option(help="Your own mapping table; its rows win (see docs/import.md).")]


@app.callback()
def start(context: typer.Context) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def eutl(
    file: Annotated[Path, typer.Argument(help="A table of the log: one account a row, or one account and year a row.")],
    out: Out,
    within: Within = None, of: Of = None, bbox: Bbox = None, postcode: Postcode = None, state: State = None,
    country: Country = None, parent: Parent = None, ids: Ids = None,
    year: YearOption = None, min_kt: MinKt = 0.0, name: Name = None, activities: Activities = None,
) -> None:  # fmt: skip
    """EU Transaction Log: verified emissions and free allocation of the EU emissions trading system.

    Example: clusterpact import eutl eutl_installations-DE.csv --postcode 318,319 --year 2022 --out peine
    """
    from clusterpact.experiments.making.eutl import read_eutl

    chosen = _chosen(within, of, bbox, postcode, state, country, parent, ids)
    _import(read_eutl(file), out, chosen, year, min_kt, name, activities)


@app.command()
def hotmaps(
    file: Annotated[Path, typer.Argument(help="The table of industrial sites, ';' between columns.")],
    out: Out,
    within: Within = None, of: Of = None, bbox: Bbox = None, postcode: Postcode = None, state: State = None,
    country: Country = None, parent: Parent = None, ids: Ids = None,
    year: YearOption = None, min_kt: MinKt = 0.0, name: Name = None, activities: Activities = None,
    prefer: Annotated[Literal["ets", "eprtr"], typer.Option(help="Register to use where a site has both figures.")] = "ets",
) -> None:  # fmt: skip
    """Hotmaps industrial database: sites of Europe with emissions of 2014 (ETS, or E-PRTR where ETS is missing).

    Example: clusterpact import hotmaps Industrial_Database.csv --within 60km --of 51.03,2.37 --out dunkirk-2014
    """
    from clusterpact.experiments.making.hotmaps import read_hotmaps

    chosen = _chosen(within, of, bbox, postcode, state, country, parent, ids)
    _import(read_hotmaps(file, prefer), out, chosen, year, min_kt, name, activities)


@app.command()
def ghgrp(
    file: Annotated[Path, typer.Argument(help="The yearly data summary of the EPA (.xlsx).")],
    out: Out,
    within: Within = None, of: Of = None, bbox: Bbox = None, postcode: Postcode = None, state: State = None,
    country: Country = None, parent: Parent = None, ids: Ids = None,
    year: YearOption = None, min_kt: MinKt = 0.0, name: Name = None, activities: Activities = None,
) -> None:  # fmt: skip
    """US EPA Greenhouse Gas Reporting Program: direct emissions of US sites (needs the extra `import`).

    Example: clusterpact import ghgrp ghgp_data_2023.xlsx --state LA --min-kt 25 --out louisiana-2023
    """
    from clusterpact.experiments.making.ghgrp import read_ghgrp

    chosen = _chosen(within, of, bbox, postcode, state, country, parent, ids)
    _import(read_ghgrp(file), out, chosen, year, min_kt, name, activities)


def _chosen(*values: str | None) -> dict[str, str | None]:
    """The options of a selection by name, in the order of the commands."""
    names = ("within", "of", "bbox", "postcode", "state", "country", "parent", "ids")
    return dict(zip(names, values, strict=True))


def _import(register: "Register", out: Path, options: dict[str, Any], year: int | None, min_kt: float, name: str | None,
            activities: Path | None) -> None:  # fmt: skip
    """Select, map, write, and say what came of it."""
    from clusterpact.experiments.making.cluster_folder import Request, check_out, cluster_slug, import_cluster
    from clusterpact.experiments.making.hotmaps import disagreements, mark_doubles
    from clusterpact.experiments.making.reading import clean
    from clusterpact.experiments.making.selection import parse_selection, select

    check_out(out)
    if not math.isfinite(min_kt):
        raise InputError("", "--min-kt", min_kt, "expected a finite number")
    slug = cluster_slug(name if name is not None else out.name)
    if not slug:
        raise InputError("", "--name", name if name is not None else out.name, "expected a name with letters or digits")
    selection = parse_selection(options)
    at = register.year(year)
    sites = select(register, selection)
    warnings: list[str] = []
    doubles: list[str] = []
    if register.kind == "hotmaps":
        sites, doubles = mark_doubles(sites)
        warnings += disagreements(sites)
    if selection.centre or selection.bbox:
        unplaced = [site for site in register.sites if site.place is None]
        if unplaced:
            lost = math.fsum(site.emissions_t.get(at, 0.0) for site in unplaced)
            warnings.append(
                f"{len(unplaced):,} sites of the register ({lost / 1000:,.1f} kt) have no coordinates and match no place."
            )
    countries = {site.country for site in sites}
    if selection.postcodes and len(countries) > 1:
        warnings.append(
            f"The postcodes lie in several countries ({', '.join(sorted(countries))}): narrow them by --country."
        )
    warnings += [f"Possibly one works entered twice: {line}." for line in doubles]
    title = clean(name or f"{register.title} {at}: {selection}")
    command = "clusterpact " + shlex.join(sys.argv[1:])
    request = Request(register, sites, at, str(selection), command, slug, title, min_kt, activities, tuple(warnings))
    _report(import_cluster(request, out), request.year, out, warnings)


def _report(outcome: "Imported", year: int, out: Path, warnings: list[str]) -> None:
    """What was imported, in a few lines."""
    plants, left = len(outcome.plants), len(outcome.left_out)
    print(f"{out}: {plants:,} plants, {outcome.mapped_t / 1000:,.3f} kt CO2e of {year}")
    if left:
        print(
            f"unmapped: {left:,} sites, {outcome.left_out_t / 1000:,.3f} kt, listed with reasons in {out / 'unmapped.csv'}"
        )
    for line in warnings[:SHOWN_WARNINGS]:
        print(f"warning:  {line}")
    if len(warnings) > SHOWN_WARNINGS:
        print(f"warnings: {len(warnings) - SHOWN_WARNINGS:,} more in {out / 'sources.md'}")
    print(f"selected: {(outcome.mapped_t + outcome.left_out_t) / 1000:,.3f} kt = plants + unmapped")
    print(f"next:     check {out / 'firms.csv'}, then clusterpact run {out / 'experiment.toml'}")
