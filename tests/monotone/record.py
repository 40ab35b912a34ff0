"""The record in `docs/data/`: `monotone.csv`, a row per walk; `cliffs.csv`, a row per jump; `moves.csv`, shares."""

from pathlib import Path

import pandas as pd

import docs.build as pages
from tests.monotone.cliffs import Cliff
from tests.monotone.explained import Explanations
from tests.monotone.steps import Step, worst

COLUMNS = {
    "monotone": ("world", "policy", "factor", "unit", "sign", "low", "high", "runs", "change", "change_half", "from", "to",
                 "step", "step_half", "p_holm", "wrong_steps", "verdict", "mechanism"),
    "cliffs": ("world", "policy", "factor", "unit", "runs", "from", "to", "change", "jump", "p_holm", "sharpest", "verdict",
               "mechanism"),
    "moves": ("world", "policy", "outcome", "group", "share", "low", "high", "first", "total", "sd", "parameters",
              "samples"),
}  # fmt: skip
HOLDS, NONE, WRONG, EXPLAINED = "holds", "no sign expected", "wrong way", "explained"
CLIFF, STEEP = "cliff", "steep, no cliff"


def verdict_of(steps: list[Step], explanations: Explanations) -> tuple[str, str]:
    """Verdict of a walk, and the mechanisms that explain its wrong steps."""
    wrong = [step for step in steps if step.wrong]
    found = [explanations.mechanism("step", step.walk, step.start, step.end) for step in wrong]
    if not wrong:
        return (HOLDS if steps[0].walk.factor.sign else NONE), ""
    mechanisms = "; ".join(dict.fromkeys(mechanism for mechanism in found if mechanism))
    return (EXPLAINED if all(found) else WRONG), mechanisms


def step_row(steps: list[Step], explanations: Explanations) -> dict[str, object]:
    """The row of a walk: its whole change, its worst step, and the verdict."""
    walk, last = steps[0].walk, steps[-1]
    shown = worst(steps) if walk.factor.sign else None
    verdict, mechanism = verdict_of(steps, explanations)
    return {
        "world": walk.world, "policy": walk.policy, "factor": walk.factor.factor, "unit": walk.factor.unit,
        "sign": walk.factor.sign, "low": last.start, "high": last.end, "runs": walk.abated.shape[1],
        "change": last.mean, "change_half": last.half, "from": shown and shown.start, "to": shown and shown.end,
        "step": shown and shown.mean, "step_half": shown and shown.half, "p_holm": shown and shown.adjusted,
        "wrong_steps": sum(step.wrong for step in steps), "verdict": verdict, "mechanism": mechanism,
    }  # fmt: skip


def cliff_row(cliff: Cliff, explanations: Explanations) -> dict[str, object]:
    """The row of a jump."""
    walk = cliff.walk
    mechanism = explanations.mechanism("cliff", walk, cliff.start, cliff.end)
    verdict = STEEP if not cliff.sheer else (EXPLAINED if mechanism else CLIFF)
    return {
        "world": walk.world, "policy": walk.policy, "factor": walk.factor.factor, "unit": walk.factor.unit,
        "runs": walk.abated.shape[1], "from": cliff.start, "to": cliff.end, "change": cliff.change, "jump": cliff.jump,
        "p_holm": cliff.adjusted, "sharpest": cliff.sharpest, "verdict": verdict, "mechanism": mechanism,
    }  # fmt: skip


def wrong_lines(steps: list[Step], explanations: Explanations) -> list[str]:
    """Every wrong step of a walk as a line."""
    lines = []
    for step in (step for step in steps if step.wrong):
        walk = step.walk
        why = explanations.mechanism("step", walk, step.start, step.end) or "unexplained"
        lines.append(f"{walk.world}, {walk.policy}: {walk.factor.factor} {step.start:g} -> {step.end:g} {walk.factor.unit}: "
                     f"{step.mean:+.4f} ±{step.half:.4f}, p {step.adjusted:.2g}: {why}")  # fmt: skip
    return lines


def read(name: str) -> pd.DataFrame:
    """A table of the record; empty if there is none."""
    path = pages.DATA / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=True) if path.is_file() else pd.DataFrame(columns=list(COLUMNS[name]))


def write(name: str, worlds: list[str], rows: list[dict[str, object]]) -> Path:
    """Put rows of some worlds in place of those on record."""
    fresh = pd.DataFrame(rows, columns=list(COLUMNS[name]))
    numbers = fresh.select_dtypes("number").columns.difference(["sign", "runs", "wrong_steps", "parameters", "samples"])
    fresh[numbers] = fresh[numbers].map(lambda x: float(f"{x:.4g}"))
    old = read(name)
    kept = old[~old["world"].isin(worlds)]
    path: Path = pages.DATA / f"{name}.csv"
    table = pd.concat([part for part in (kept, fresh) if len(part)] or [fresh], ignore_index=True)
    table.to_csv(path, index=False, lineterminator="\n")
    return path
