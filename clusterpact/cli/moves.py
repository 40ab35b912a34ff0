"""The command `moves`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clusterpact.cli import console
from clusterpact.cli.options import ExperimentName, Seed, Settings, Threads

if TYPE_CHECKING:
    import pandas as pd


def moves(
    experiment: ExperimentName,
    set_: Settings = None,
    policy: Annotated[str | None, typer.Option(help="Policy to look under; default: the baseline.")] = None,
    samples: Annotated[int, typer.Option(help="Samples; each is run 64 times, in all mixtures of two draws.", min=2)] = 250,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-moves-ID.")] = None,
    threads: Threads = None,
) -> None:
    """Say what moves a cluster: trust, governance, finance, prices, technology or luck (shares of the variance).

    Example: clusterpact moves dunkirk --policy four-pillars --samples 250
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.questions.moves import explain, identity, keep, refuse_another, under
    from clusterpact.experiments.running.local import default_threads

    loaded = load_experiment(experiment, set_ or (), seed=seed)
    _, package = under(loaded, policy)
    name = identity(loaded, policy, samples)
    folder = out or Path("runs") / f"{loaded.name}-moves-{name}"
    refuse_another(folder, name)
    with console.progress(False) as bar:
        table = explain(loaded, policy, samples, threads or default_threads(), bar)
    runs = samples * 2 ** table["group"].nunique()
    print(f"\n{loaded.heading} · {package.name} · {samples:,} samples, {runs:,} runs · whole range of every parameter\n")
    for line in describe(table):
        print(line)
    figure = keep(loaded, table, package.name, samples, folder)
    print(f"table:   {folder}/moves.csv\nfigure:  {figure}")


def describe(table: "pd.DataFrame") -> list[str]:
    """The shares in lines, per outcome, largest first."""
    lines: list[str] = []
    row: Any
    for outcome, rows in table.groupby("outcome", sort=False):
        if rows["share"].isna().all():
            lines += [f"{outcome}: the same in every run", ""]
            continue
        lines.append(f"{outcome}: standard deviation {rows['sd'].iloc[0]:.3g}")
        lines.append("  group         share   95 % interval     alone  with all others")
        for row in rows.itertuples():
            interval = f"[{100 * row.low:4.0f} %, {100 * row.high:4.0f} %]"
            alone, together = f"{100 * row.first:.0f} %", f"{100 * row.total:.0f} %"
            count = f"  ({row.parameters} parameters)" if row.parameters else ""
            lines.append(f"  {row.group!s:12} {100 * row.share:5.0f} %   {interval} {alone:>9} {together:>10}{count}")
        lines.append("")
    return lines
