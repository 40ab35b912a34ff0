"""`clusterpact import`: from the file of an emission register to a cluster folder."""

import functools
import inspect
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from clusterpact.cli import console
from clusterpact.cli.options import checked

if TYPE_CHECKING:
    from clusterpact.experiments.making.request import Imported, Request
    from clusterpact.experiments.making.site import Register

app = typer.Typer(
    help="Make a cluster folder from the file of an emission register.\n\n"
    "Example: clusterpact import eutl eutl_installations-DE.csv --postcode 318,319 --year 2022 --out peine",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode="rich",
)

SHOWN_WARNINGS = 6


@app.callback()
def start(context: typer.Context) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def register_command(read: Callable[..., "Register"]) -> Callable[..., None]:
    """The command of a register: the file and the options of its reader, and the options of `make` between them."""
    own = list(inspect.signature(read).parameters.values())
    shared = list(inspect.signature(make).parameters.values())[1:]

    @functools.wraps(read)
    def command(**given: Any) -> None:
        with console.busy("reading the register"):
            register = read(**{parameter.name: given.pop(parameter.name) for parameter in own})
        make(register, **given)

    parameters = [own[0], *shared, *own[1:]]
    vars(command)["__signature__"] = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return checked(command)


def make(
    register: "Register",
    out: Annotated[Path, typer.Option(help="Folder to make; it must not exist.")],
    within: Annotated[str | None, typer.Option(help="Distance from --of, such as 60km.")] = None,
    of: Annotated[str | None, typer.Option(help="LAT,LON in degrees, such as 51.03,2.37.")] = None,
    bbox: Annotated[str | None, typer.Option(help="S,W,N,E in degrees, such as 50.4,1.6,51.1,3.1.")] = None,
    postcode: Annotated[str | None, typer.Option(help="First letters or digits of postcodes, such as 318,319.")] = None,
    state: Annotated[str | None, typer.Option(help="States, such as LA or LA,TX.")] = None,
    country: Annotated[
        str | None, typer.Option(help="Countries as the register writes them, such as DE or Germany.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="Text in the parent company or operator, in any case.")] = None,
    ids: Annotated[str | None, typer.Option(help="Ids of the register, such as FR-956,FR-988.")] = None,
    add_ids: Annotated[str | None, typer.Option(help="Ids of sites to add to whatever else is selected.")] = None,
    either: Annotated[
        bool, typer.Option("--or", help="Take sites that fit any of the selections, not all of them.")
    ] = False,
    year: Annotated[int | None, typer.Option(help="Year of the emissions; default: the latest with data.")] = None,
    record_to: Annotated[
        int | None,
        typer.Option(help="Set the cluster back to --year, and write what came until this year to record.csv."),
    ] = None,
    min_kt: Annotated[float, typer.Option(help="Smaller sites are listed in unmapped.csv only; kt a year.", min=0)] = 0.0,
    name: Annotated[str | None, typer.Option(help="Name of the cluster; default: that of the folder.")] = None,
    activities: Annotated[
        Path | None, typer.Option(help="Your own mapping table; its rows win (see docs/import.md).")
    ] = None,
) -> None:
    """Make the cluster folder, and say what came of it. These are the options of every register."""
    from clusterpact.experiments.making.cluster_folder import check_out, import_cluster
    from clusterpact.experiments.making.request import Wanted, prepare

    check_out(out)
    options = {"within": within, "of": of, "bbox": bbox, "postcode": postcode, "state": state, "country": country,
               "parent": parent, "ids": ids, "add-ids": add_ids, "or": "yes" if either else None}  # fmt: skip
    command = "clusterpact " + shlex.join(sys.argv[1:])
    called = out.name if name is None else name
    with console.busy("making the cluster"):
        request = prepare(register, Wanted(options, year, record_to, min_kt, called, name, activities, command))
        made = import_cluster(request, out)
    _report(made, request, out)


@app.command()
@register_command
def eutl(
    file: Annotated[Path, typer.Argument(help="A table of the log: one account a row, or one account and year a row.")],
) -> "Register":
    """EU Transaction Log: verified emissions and free allocation of the EU emissions trading system.

    Example: clusterpact import eutl eutl_installations-DE.csv --postcode 318,319 --year 2022 --out peine
    """
    from clusterpact.experiments.making.eutl import read_eutl

    return read_eutl(file)


@app.command()
@register_command
def hotmaps(
    file: Annotated[Path, typer.Argument(help="The table of industrial sites, ';' between columns.")],
    prefer: Annotated[Literal["ets", "eprtr"], typer.Option(help="Register to use where a site has both figures.")] = "ets",
) -> "Register":
    """Hotmaps industrial database: sites of Europe with emissions of 2014 (ETS, or E-PRTR where ETS is missing).

    Example: clusterpact import hotmaps Industrial_Database.csv --within 60km --of 51.03,2.37 --out dunkirk-2014
    """
    from clusterpact.experiments.making.hotmaps import read_hotmaps

    return read_hotmaps(file, prefer)


@app.command()
@register_command
def ghgrp(file: Annotated[Path, typer.Argument(help="The yearly data summary of the EPA (.xlsx).")]) -> "Register":
    """US EPA Greenhouse Gas Reporting Program: direct emissions of US sites (needs the extra `import`).

    Example: clusterpact import ghgrp ghgp_data_2023.xlsx --state LA --min-kt 25 --out louisiana-2023
    """
    from clusterpact.experiments.making.ghgrp import read_ghgrp

    return read_ghgrp(file)


@app.command()
@register_command
def table(
    file: Annotated[Path, typer.Argument(help="Your table of sites: CSV (',', ';' or tabs) or Excel (.xlsx).")],
    columns: Annotated[
        str | None,
        typer.Option(
            help="Which column is which: name=Facility,sector=Kind,emissions_kt=CO2,… or a mapping file (.toml), or a known "
            "table (canada-ghgrp, climate-trace, e-prtr, naei). Fields: name, sector, emissions_t (or _kt, _kg), year; id, "
            "operator, parent, technology, latitude, longitude, postcode, city, state, country."
        ),
    ] = None,
    kinds: Annotated[
        Path | None,
        typer.Option(
            help='What the kinds of your table are: a file with [kinds] and a line for each, such as "Iron & Steel" = '
            '"secondary_steel" (sectors: see docs/import.md); "" leaves a kind out.'
        ),
    ] = None,
) -> "Register":
    """A table of your own: name, sector and emissions of sites, and what else it has.

    Example: clusterpact import table mine.csv --columns name=Facility,sector=Kind,emissions_kt=CO2,year=2023 --out mine
    """
    from clusterpact.experiments.making.table import read_own_table

    return read_own_table(file, columns, kinds)


def _report(outcome: "Imported", request: "Request", out: Path) -> None:
    """What was imported, in a few lines."""
    from clusterpact.experiments.making.review import REVIEW_FILE, largest, review_line

    warnings = request.warnings
    plants, left = len(outcome.plants), len(outcome.left_out)
    print(f"{out}: {plants:,} plants, {outcome.mapped_t / 1000:,.3f} kt CO2e of {request.year}")
    if left:
        print(
            f"unmapped: {left:,} sites, {outcome.left_out_t / 1000:,.3f} kt, listed with reasons in {out / 'unmapped.csv'}"
        )
    if outcome.guesses:
        share = review_line(outcome.guesses, plants, outcome.mapped_t)
        print(f"review:   {share}, listed in {out / REVIEW_FILE}; largest: {largest(outcome.guesses)}")
    for line in warnings[:SHOWN_WARNINGS]:
        print(f"warning:  {line}")
    if len(warnings) > SHOWN_WARNINGS:
        print(f"warnings: {len(warnings) - SHOWN_WARNINGS:,} more in {out / 'sources.md'}")
    print(f"selected: {(outcome.mapped_t + outcome.left_out_t) / 1000:,.3f} kt = plants + unmapped")
    if request.record_to is not None:
        print(
            f"record:   {out / 'record.csv'}, {request.year} to {request.record_to}: run it, then clusterpact score RESULT"
        )
    print(f"next:     check {out / 'firms.csv'}, fill units.csv, projects.csv and buyers.csv beside it")
    print(f"          (their comments say how), then clusterpact run {out / 'experiment.toml'}")
