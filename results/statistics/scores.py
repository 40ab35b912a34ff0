"""Scores of a result against the record of what came: bands of totals, counts of plants, events of projects.

Proper scores and their skill: Gneiting and Raftery (2007), J. Am. Stat. Assoc. 102:359; computed by `scoringrules`.
"""

from typing import Any

import numpy as np
import pandas as pd

from clusterpact.extras import require

BAND_90 = (0.05, 0.95)
BAND_50 = (0.25, 0.75)
WALKS = 2000  #: draws of the random walk
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)  #: edges of the forecast probabilities of a reliability table
BLOCK = 1000  #: runs per score: the ensemble's estimator takes memory by their square


def scoring() -> Any:
    """The library of scoring rules, an extra of the installation."""
    require("score", "score", "scoringrules")
    import scoringrules

    return scoringrules


def crps(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of draws (values, runs) against values (values,), in their unit."""
    scores: np.ndarray = scoring().crps_ensemble(np.asarray(observed, float), np.asarray(drawn, float), backend="numpy")
    return scores


def random_walks(base: np.ndarray, spread: np.ndarray, known: np.ndarray, seed: int) -> np.ndarray:
    """Totals if every plant's logarithm took a random walk from its base, mean held: shape (WALKS, years).

    base: what plants emit at the start (plants,); spread: standard deviation of their yearly change (plants,); known: which
    plants a year's total holds (plants, years).
    """
    steps = np.random.default_rng(seed).normal(size=(WALKS, known.shape[1], len(base))) * spread - 0.5 * spread**2
    totals: np.ndarray = (base * np.exp(np.cumsum(steps, axis=1)) * known.T).sum(axis=2)
    return totals


def score_years(
    drawn: np.ndarray, observed: np.ndarray, start: np.ndarray, walks: np.ndarray, years: list[int]
) -> pd.DataFrame:
    """A row per year: the record, the bands of runs (runs, years), whether they hold it, and three forecasts' scores.

    start: the total at the start of the plants that a year's total holds, which "nothing changes" forecasts (years,); walks:
    draws of a random walk (draws, years). A year without a record (NaN) is left out.
    """
    low, high = np.quantile(drawn, BAND_90, axis=0)
    inner_low, inner_high = np.quantile(drawn, BAND_50, axis=0)
    table = pd.DataFrame({
        "year": years, "observed": observed, "median": np.median(drawn, axis=0), "low_90": low, "high_90": high,
        "low_50": inner_low, "high_50": inner_high,
        "inside_90": (observed >= low) & (observed <= high),
        "inside_50": (observed >= inner_low) & (observed <= inner_high),
    })  # fmt: skip
    table["crps"] = crps(observed, drawn[:BLOCK].T)
    table["crps_nothing_changes"] = np.abs(observed - start)
    table["crps_random_walk"] = crps(observed, walks[:BLOCK].T)
    return pd.DataFrame(table[~np.isnan(observed)]).reset_index(drop=True)


def score_window(rows: pd.DataFrame) -> dict[str, float]:
    """The years of a window in one row: coverage of both bands, mean score, skill against two simple forecasts.

    Skill is 1 - score / score of the other forecast: 1 is perfect, 0 as good as it, below 0 worse.
    """
    score = float(rows["crps"].mean())
    return {
        "years": float(len(rows)),
        "inside_90_share": float(rows["inside_90"].mean()),
        "inside_50_share": float(rows["inside_50"].mean()),
        "crps": score,
        "skill_nothing_changes": skill(score, float(rows["crps_nothing_changes"].mean())),
        "skill_random_walk": skill(score, float(rows["crps_random_walk"].mean())),
    }


def skill(score: float, reference: float) -> float:
    """1 - score / reference; NaN where the reference is perfect."""
    return 1.0 - score / reference if reference > 0 else float("nan")


def score_count(drawn: np.ndarray, least: int, most: int) -> dict[str, Any]:
    """A count of runs (runs,) against a recorded one, known to lie from `least` to `most`.

    The predictive interval holds the record if what it may be reaches into it.
    """
    low, high = (int(x) for x in np.quantile(drawn, BAND_90, method="inverted_cdf"))
    return {"observed_low": least, "observed_high": most, "mean": float(np.mean(drawn)), "low_90": low, "high_90": high,
            "inside_90": bool(most >= low and least <= high)}  # fmt: skip


def score_events(chances: np.ndarray, happened: np.ndarray) -> dict[str, float]:
    """Brier score of the chances given to events (events,), and its skill against their base rate, with its error.

    The base rate is the record's own, known only afterwards: a hard reference. skill_error: standard error over events.
    """
    rules = scoring()
    scores = np.asarray(rules.brier_score(happened.astype(float), chances.astype(float)))
    base = float(happened.mean())
    reference = (happened - base) ** 2
    ratio = skill(float(scores.mean()), float(reference.mean()))
    error = float("nan")
    if len(scores) > 1 and reference.mean() > 0:
        error = float(np.std(scores - (1 - ratio) * reference, ddof=1) / np.sqrt(len(scores)) / reference.mean())
    return {"events": float(len(scores)), "observed_rate": base, "forecast_rate": float(chances.mean()),
            "brier": float(scores.mean()), "brier_base_rate": float(reference.mean()), "skill_base_rate": ratio,
            "skill_error": error}  # fmt: skip


def reliability(chances: np.ndarray, happened: np.ndarray) -> pd.DataFrame:
    """Events by the chance that they were given: how many there are, its mean, and the share that happened."""
    places = np.clip(np.searchsorted(BINS, chances, side="right") - 1, 0, len(BINS) - 2)
    rows = []
    for place in range(len(BINS) - 1):
        chosen = places == place
        if chosen.any():
            rows.append({"from_share": BINS[place], "to_share": BINS[place + 1], "events": int(chosen.sum()),
                         "forecast_share": float(chances[chosen].mean()),
                         "observed_share": float(happened[chosen].mean())})  # fmt: skip
    return pd.DataFrame(rows, columns=["from_share", "to_share", "events", "forecast_share", "observed_share"])
