"""The command `sensitivity`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import ExperimentName, Seed, Settings, Threads

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8  #: factors per outcome in the printed table


def sensitivity(
    experiment: ExperimentName,
    set_: Settings = None,
    policy: Annotated[str | None, typer.Option(help="Policy to screen under; default: the baseline.")] = None,
    trajectories: Annotated[int, typer.Option(help="Trajectories of the Morris design.", min=4, max=10_000)] = 20,
    replicates: Annotated[int, typer.Option(help="Runs per point of the design.", min=1, max=10_000)] = 20,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-sensitivity-ID.")] = None,
    threads: Threads = None,
) -> None:
    """Screen all parameters over their ranges (Morris), and say which matter for what.

    Example: clusterpact sensitivity dunkirk --policy four-pillars --trajectories 20
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.questions.sensitivity import draw, run_sensitivity, screened
    from clusterpact.experiments.running.local import default_threads

    loaded = screened(load_experiment(experiment, set_ or (), seed=seed), policy, trajectories, replicates)
    with console.progress(False) as bar:
        outcome, table = run_sensitivity(loaded, out, threads or default_threads(), bar)
    design = f"{trajectories} trajectories x {replicates} runs"
    print(f"\n{loaded.title} · {loaded.baseline} · {design} · effect of a parameter's whole range\n")
    for line in describe(table):
        print(line)
    print(f"result:  {outcome.folder}\ntable:   {outcome.folder}/sensitivity.csv")
    print(f"figure:  {draw(loaded, outcome.folder, table)}")


def describe(table: "pd.DataFrame") -> list[str]:
    """The screening in lines: per outcome the strongest factors, the noise, and how far two halves agree."""
    from clusterpact.agents.parameters import PARAMETERS
    from clusterpact.experiments.screening import LUCK
    from clusterpact.results.statistics.sensitivity import agreement

    lines = []
    for outcome, effects in table.groupby("outcome", sort=False):
        if not effects["mu_star"].any():
            lines += [f"{outcome}: does not vary", ""]
            continue
        noise = float(effects.loc[effects["factor"] == LUCK, "mu_star"].iloc[0])
        above = effects[(effects["mu_star"] - effects["mu_star_conf"] > noise) & (effects["factor"] != LUCK)]
        lines.append(f"{outcome}: {len(above)} of {len(effects) - 1} factors stand out from the noise of the luck "
                     f"({noise:.3g}); {_halves(agreement(effects))}")  # fmt: skip
        for row in effects[effects["factor"] != LUCK].head(SHOWN).itertuples():
            parameter = PARAMETERS[str(row.factor)]
            effect = f"{row.mu_star:9.3g} ±{row.mu_star_conf:<8.2g} mean {row.mu:+9.3g}  spread {row.sigma:8.3g}"
            lines.append(f"  {row.factor!s:32} {effect}  ({parameter.low:g} to {parameter.high:g} {parameter.unit})")
        lines.append("")
    return lines


def _halves(correlation: float) -> str:
    """How far the two halves of the trajectories agree, in words."""
    if correlation != correlation:
        return "in one half of the trajectories it does not vary"
    return f"rank correlation of two halves {correlation:.2f}"
