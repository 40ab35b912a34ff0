"""The command `calibrate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clusterpact.cli import console
from clusterpact.cli.options import Seed, Threads

if TYPE_CHECKING:
    from clusterpact.experiments.questions.calibration import Calibrated

MOST_SHOWN = 20


def calibrate(
    experiments: Annotated[list[str], typer.Argument(help="Experiments of clusters set back in time, with a record.")],
    targets: Annotated[
        Path | None, typer.Option(help="CSV file of what is matched; default: that of the library, for 2013 to 2019.")
    ] = None,
    waves: Annotated[int, typer.Option(help="Waves of history matching.", min=1, max=20)] = 3,
    points: Annotated[int, typer.Option(help="Parameter sets per wave.", min=64)] = 512,
    replicates: Annotated[int, typer.Option(help="Runs per parameter set and cluster.", min=2)] = 8,
    rows: Annotated[int, typer.Option(help="Rows of the ensemble.", min=100)] = 1000,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="Folder for waves, ensemble and tables.")] = Path("runs/calibration"),
    threads: Threads = None,
) -> None:
    """Find the parameter sets that the record does not rule out (history matching); the same command resumes.

    The ensemble is OUT/ensemble.parquet: name it under uncertainty in an experiment, as in ensemble = "ensemble.parquet".

    Example: clusterpact calibrate history/dunkirk-2013 history/nrw-2013 --out runs/calibration
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.questions.calibration import TARGETS, Plan
    from clusterpact.experiments.questions.calibration import calibrate as calibrated
    from clusterpact.experiments.running.local import default_threads

    loaded = [load_experiment(name, seed=seed) for name in experiments]
    plan = Plan(waves, points, replicates, rows)
    with console.progress(False) as bar:
        found = calibrated(loaded, targets or TARGETS, out, plan, threads or default_threads(), bar)
    for line in describe(found):
        print(line)
    print(f"ensemble: {out / 'ensemble.parquet'} ({rows:,} rows, worth {found.effective_rows:,.0f} by their weights)")
    print(f"tables:   {out}/ (identifiability.csv, statistics.csv, ridges.csv)")


def describe(found: "Calibrated") -> list[str]:
    """What was matched and what the record says of parameters, in lines."""
    from clusterpact.results.statistics.matching import SAYS_NOTHING

    lines = ["\nstatistic                          record   before (sd)    luck   kept (sd)"]
    row: Any
    for row in found.statistics.itertuples():
        name = f"{row.cluster} {row.statistic} {row.year}"
        lines.append(f"{name:32.32} {row.observed:8.3f}  {row.prior_mean:6.3f} ({row.prior_sd:.3f})  {row.luck_share:4.0%}  "
                     f"{row.kept_mean:6.3f} ({row.kept_sd:.3f})")  # fmt: skip
    lines.append(f"\nleft of the space of parameters after each wave: {', '.join(f'{share:.2%}' for share in found.left)}\n")
    told = found.identified[found.identified["verdict"] != SAYS_NOTHING].sort_values("ratio")
    lines.append("parameter                        width left   90 % of what is left   verdict")
    for row in told.head(MOST_SHOWN).itertuples():
        interval = f"{row.low_90:.3g} to {row.high_90:.3g} {row.unit}".removesuffix(" -")
        lines.append(f"{row.parameter:32.32} {row.ratio:9.0%}    {interval:22} {row.verdict}")
    silent = len(found.identified) - len(told)
    return [*lines, f"Of {silent} of {len(found.identified)} parameters {SAYS_NOTHING}.\n"]
