"""Measures the track record: runs the library's worlds of the past and scores them (`make scores`)."""

from pathlib import Path

import pandas as pd

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.scoring import Scores, score_result
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.track_record import RULES, rules_hash

WORLDS = ("history/dunkirk-2013", "history/nrw-2013", "history/projects-2023")
FIRST_SKILL = {"fit": 0.1}  #: least skill against "nothing changes" in a window; 0 in others
HELD = (0.80, 0.97)  #: share of years that 90 % bands should hold


def measure(folder: Path, runs: int, threads: int, progress: Progress = SILENT) -> tuple[dict[str, Scores], pd.DataFrame]:
    """Run and score the worlds of the past; returns their scores, and the track record, what fails first."""
    scores = {}
    for name in WORLDS:
        experiment = load_experiment(name, runs=runs)
        place = folder / experiment.name
        run_experiment(experiment, place, RunOptions(threads=threads, progress=progress))
        scores[experiment.name] = score_result(experiment, place)
    rows = [row for name, found in scores.items() for row in rows_of(name, found)] + [pooled(scores)]
    table = pd.DataFrame(rows).sort_values("holds", kind="stable").reset_index(drop=True)
    stamp = {"world": "", "test": RULES, "record": rules_hash(), "model": f"{runs:,} runs a world", "holds": True}
    return scores, pd.concat([table, pd.DataFrame([stamp])], ignore_index=True)


def pooled(scores: dict[str, Scores]) -> dict[str, object]:
    """Years inside the 90 % band over all clusters and windows."""
    inside = pd.concat([found.years["inside_90"] for found in scores.values() if len(found.years)])
    share = float(inside.mean())
    return {"world": "all", "test": "years inside the 90 % band", "record": f"{inside.sum()} of {len(inside)}",
            "model": "80 to 97 %", "holds": HELD[0] <= share <= HELD[1]}  # fmt: skip


def rows_of(world: str, found: Scores) -> list[dict[str, object]]:
    """What a world's scores say, a row per test: record, model, and whether it holds."""
    rows: list[dict[str, object]] = []
    for row in found.windows.to_dict("records"):
        least = FIRST_SKILL.get(row["window"], 0.0)
        span = f"{row['window']} {row['first_year']}-{row['last_year']}"
        rows.append({"world": world, "test": f"{span}: CRPS skill against nothing changes", "record": f"at least {least:g}",
                     "model": f"{row['skill_nothing_changes']:.2f}",
                     "holds": row["skill_nothing_changes"] > least or row["skill_nothing_changes"] == least})  # fmt: skip
        rows.append({"world": world, "test": f"{span}: CRPS skill against a random walk", "record": "at least 0",
                     "model": f"{row['skill_random_walk']:.2f}", "holds": row["skill_random_walk"] >= 0})  # fmt: skip
    for row in found.counts.to_dict("records"):
        low, high = row["observed_low"], row["observed_high"]
        if ":" not in row["count"]:
            rows.append({"world": world, "test": f"plants {row['count']} by {row['year']}",
                         "record": f"{low}" if low == high else f"{low} to {high}",
                         "model": f"{row['mean']:.1f} [{row['low_90']}, {row['high_90']}]",
                         "holds": row["inside_90"]})  # fmt: skip
    for row in found.events.to_dict("records"):
        rows.append({"world": world, "test": f"projects {row['event']}",
                     "record": f"{row['observed_rate']:.0%} [{row['observed_low']:.0%}, {row['observed_high']:.0%}]",
                     "model": f"{row['forecast_rate']:.0%}", "holds": row["inside"]})  # fmt: skip
        rows.append({"world": world, "test": f"projects {row['event']}: Brier skill against the base rate",
                     "record": "above 0", "model": f"{row['skill_base_rate']:+.2f} ± {row['skill_error']:.2f}",
                     "holds": row["skill_base_rate"] > 0})  # fmt: skip
    return rows
