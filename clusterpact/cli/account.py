"""The command `account`: one screen per cluster, and the same as a table and a figure."""

from pathlib import Path
from typing import Annotated

import typer

from clusterpact.cli import console
from clusterpact.inputs import InputError, usable_path


def account(
    name: Annotated[str, typer.Argument(help="A cluster or an experiment: a name, a folder or an experiment file.")],
    policy: Annotated[str | None, typer.Option(help="Policy to simulate paths under; default: only today.")] = None,
    runs: Annotated[int | None, typer.Option(help="Runs of the paths; default 20.", min=1, max=10_000)] = None,
    horizon: Annotated[str | None, typer.Option(help="First and last year, such as 2025,2050.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for account.csv and, with a policy, account.png.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the paths, instead of the file's.", min=0)] = None,
) -> None:
    """Print the account of a cluster: CO2e, jobs and GVA by sector, what they rest on, and published totals beside them.

    Example: clusterpact account dunkirk --policy current-policies --out account
    """
    if out is not None and (usable_path(out, "--out").exists() and not out.is_dir()):
        raise InputError("", "--out", str(out), "is a file; expected the name of a folder")
    console.note(f"reading {name}")
    from clusterpact.cli.account_text import describe
    from clusterpact.experiments.questions.account import account_of, write_account

    with console.progress(policy is None) as bar:
        found = account_of(name, policy, runs, parse_horizon(horizon), seed, bar)
    for line in describe(found):
        print(line.rstrip())
    if out is not None:
        print()
        for path in write_account(found, out):
            print(f"{'figure' if path.suffix == '.png' else 'table'}:  {path}")


def parse_horizon(text: str | None) -> tuple[int, int] | None:
    """'2025,2050' as two years."""
    if text is None:
        return None
    years = [part.strip() for part in text.split(",")]
    if len(years) != 2 or not all(year.isascii() and year.isdigit() and len(year) == 4 for year in years):
        raise InputError("", "--horizon", text, "expected two years, such as 2025,2050")
    return int(years[0]), int(years[1])
