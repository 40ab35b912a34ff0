"""The command `outlook`."""

from pathlib import Path
from typing import Annotated

import typer

from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.texts import padded


def outlook(
    results: Annotated[list[Path], typer.Argument(help="Folders of results whose clusters have projects in hand.")],
    until: Annotated[int, typer.Option(help="Last year to speak of.")] = 2030,
    policy: Annotated[str | None, typer.Option(help="Policy; default: the baseline.")] = None,
    out: Annotated[Path | None, typer.Option(help="Table to write (.csv); default: print only.")] = None,
) -> None:
    """Say what is expected of every announced project, with chances that `score` can hold against what came.

    Example: clusterpact outlook runs/dunkirk-0123456789ab --until 2030 --out outlook.csv
    """
    from clusterpact.experiments.questions.outlook import outlook as expected
    from clusterpact.results.tables import csv_bytes

    if out is not None and out.suffix != ".csv":
        raise InputError("", "--out", str(out), "expected the name of a table (.csv)")
    table = expected(results, until, policy)
    print(f"chances by the end of {until}:     decided  running  given up   planned  stage")
    for row in table[table["by_year"] == until].to_dict("records"):
        planned = row["planned_start_year"]
        year = f"{planned:.0f}" if planned == planned and planned is not None else "-"
        name = padded(row["project"], 33)
        print(f"{name} {row['fid_chance']:6.0%}  {row['started_chance']:6.0%}  {row['given_up_chance']:7.0%}"
              f"   {year:>7}  {row['stage']} ({row['cluster']})")  # fmt: skip
    if out is not None:
        write_atomically(out, csv_bytes(table))
        print(f"table:   {out}\nlater:   clusterpact score {out} --record FOLDER (with a record-projects.csv)")
