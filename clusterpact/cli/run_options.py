"""The options of `run`, in the groups that its help shows them in."""

from pathlib import Path
from typing import Annotated, Literal

import typer

WHERE, DASK, SLURM, SHARING = "Where it runs", "With --executor dask", "With --executor slurm", "Sharing the work"
PictureKind = Literal["png", "svg", "both"]

Out = Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-ID.")]
ShardRuns = Annotated[
    int | None, typer.Option(help="Runs per shard of work; default: timed.", min=1, rich_help_panel=SHARING)
]
RecordingLevel = Annotated[str | None, typer.Option(help="outcomes, yearly, quarterly, events or plants.")]
ExecutorName = Annotated[str, typer.Option(help="Where it runs: local, dask, slurm or gpu.", rich_help_panel=WHERE)]
Workers = Annotated[int | None, typer.Option(help="Dask: worker processes here.", min=1, max=1024, rich_help_panel=DASK)]
Scheduler = Annotated[str | None, typer.Option(help="Dask: tcp://HOST:PORT, or a scheduler file.", rich_help_panel=DASK)]
Partition = Annotated[str | None, typer.Option(help="Slurm: partition.", rich_help_panel=SLURM)]
Account = Annotated[str | None, typer.Option(help="Slurm: account.", rich_help_panel=SLURM)]
Cores = Annotated[int, typer.Option(help="Slurm: cores per job.", min=1, rich_help_panel=SLURM)]
Memory = Annotated[str, typer.Option(help="Slurm: memory per job.", rich_help_panel=SLURM)]
Walltime = Annotated[str, typer.Option(help="Slurm: walltime of a job.", rich_help_panel=SLURM)]
Jobs = Annotated[int, typer.Option(help="Slurm: number of jobs.", min=1, rich_help_panel=SLURM)]
Adaptive = Annotated[
    bool, typer.Option("--adaptive", help="Slurm: jobs as there is work, at most --jobs.", rich_help_panel=SLURM)
]
Interface = Annotated[
    str | None, typer.Option(help="Slurm: network interface of the scheduler, such as ib0.", rich_help_panel=SLURM)
]
Share = Annotated[
    str | None, typer.Option(help="Only a share of the work, such as 3/64; see `merge`.", rich_help_panel=SHARING)
]
TimeBudget = Annotated[
    str | None, typer.Option(help="Stop cleanly before this time is up, such as 55m.", rich_help_panel=SHARING)
]
CheckBooks = Annotated[bool, typer.Option("--check-books", help="Audit the closed books every quarter.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would take (shards, time, disk) and write nothing.")]
Figures = Annotated[PictureKind, typer.Option(help="Pictures to draw.")]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result folder.")]


def kinds_of(figures: PictureKind, no_figures: bool) -> tuple[str, ...]:
    """The kinds of pictures that were asked for, none at all if no figures were."""
    if no_figures:
        return ()
    return ("png", "svg") if figures == "both" else (figures,)
