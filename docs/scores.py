"""`make scores`: what the worlds of the past score, what calibration changed, and the outlook of projects, as tables.

Writes the track record beside the library's worlds, and tables into `docs/data/`; then `make docs` renews the pages.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from clusterpact.cli.console import Plain
from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.questions.outlook import outlook
from clusterpact.experiments.questions.track_record import measure
from clusterpact.experiments.running.local import default_threads
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.track_record import RECORD
from clusterpact.results.figures.score import draw_score
from clusterpact.results.summary import read_table

ROOT = Path(__file__).resolve().parent
DATA, PICTURES = ROOT / "data", ROOT / "pictures"
RUNS = 1000
FREE = "dunkirk-free-ranges"
UNTIL = 2030
BAR = Plain(False)


def result(experiment: Experiment, folder: Path) -> Path:
    """The folder of an experiment's result, run if it is not there."""
    run_experiment(experiment, folder / experiment.name, RunOptions(threads=default_threads(), progress=BAR))
    return folder / experiment.name


def levels(folder: Path) -> pd.DataFrame:
    """Levels of Dunkirk's baseline over free ranges and over what the record does not rule out."""
    rows = []
    for title, name in (("free ranges", FREE), ("calibrated", "dunkirk")):
        experiment = load_experiment(name, runs=RUNS, recording="outcomes")
        package = experiment.policies[0]
        found = read_table(result(replace(experiment, policies=(package,)), folder), "outcomes")
        for column in ("abated_share_2030", "switched_share_2030", "abated_share_2040", "switched_share_2040",
                       "abated_share_2050", "switched_share_2050", "cumulative_mt", "public_meur"):  # fmt: skip
            low, middle, high = found[column].quantile([0.05, 0.5, 0.95])
            rows.append({"parameters": title, "outcome": column, "mean": found[column].mean(), "q05": low, "median": middle,
                         "q95": high})  # fmt: skip
    return pd.DataFrame(rows)


def ranking(folder: Path) -> pd.DataFrame:
    """The packages by cumulative CO2, before and after calibration: mean, difference to the baseline, rank."""
    tables = []
    packages = load_experiment("dunkirk-packages", runs=RUNS, recording="outcomes")
    free = load_experiment(FREE)
    for title, experiment in (
        ("before", replace(packages, name="packages-before", uncertainty=free.uncertainty, ensemble=None)),
        ("after", replace(packages, name="packages-after")),
    ):
        found = read_table(result(experiment, folder), "outcomes")
        wide = found.pivot(index="run", columns="policy", values="cumulative_mt")
        gap = wide.sub(wide[experiment.baseline], axis=0)
        table = pd.DataFrame({"mean_mt": wide.mean(), "difference_mt": gap.mean(), "error_mt": gap.std() / len(gap) ** 0.5})
        table["rank"] = table["difference_mt"].rank(method="min").astype(int)
        tables.append(table.add_suffix(f"_{title}"))
    both = pd.concat(tables, axis=1).rename_axis("policy").reset_index().sort_values("rank_after")
    both["turned"] = both["rank_before"] != both["rank_after"]
    return both


def main() -> None:
    """Measure everything and write it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scores, record = measure(folder, RUNS, default_threads(), BAR)
        record.to_csv(RECORD, index=False, lineterminator="\n")
        for name, found in scores.items():
            for kind, table in found.tables.items():
                table.to_csv(DATA / f"score-{name}-{kind}.csv", index=False, lineterminator="\n", float_format="%.5g")
            note = f"{name} · {RUNS:,} runs"
            draw_score(found.years, found.reliability, found.counts, note, PICTURES / f"score-{name}.png")
        levels(folder).to_csv(DATA / "calibration-levels.csv", index=False, lineterminator="\n", float_format="%.4g")
        ranking(folder).to_csv(DATA / "calibration-ranking.csv", index=False, lineterminator="\n", float_format="%.4g")
        clusters = [load_experiment(name, runs=RUNS, recording="yearly") for name in ("dunkirk", "nrw")]
        places = [result(replace(e, name=f"outlook-{e.name}", policies=e.policies[:1]), folder) for e in clusters]
        outlook(places, UNTIL).to_csv(DATA / "outlook-2026.csv", index=False, lineterminator="\n", float_format="%.3g")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"written: {RECORD.name}, docs/data/score-*.csv, calibration-*.csv, outlook-2026.csv; next: make docs")


if __name__ == "__main__":
    main()
