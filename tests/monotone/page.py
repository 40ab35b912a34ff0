"""`docs/monotone.md`, made of the record: how to read it, a table per world, and the jumps."""

from pathlib import Path

import pandas as pd

import docs.build as pages
from docs.build import table
from tests.monotone.factors import read_factors
from tests.monotone.record import CLIFF, EXPLAINED, WRONG, read

PAGE = pages.ROOT / "docs" / "monotone.md"
SIGNS = {1: "+", -1: "-", 0: "none"}

HEAD = """# More help never lowers abatement

Written by `make monotone`; do not edit. `python -m tests.monotone --worlds louisiana` does the same for another cluster.

Every instrument, price and means of owners and lenders is walked from one end of its range to the other while nothing else
changes: the same runs with the same luck at every level, other parameters drawn as in the cluster's experiment (the defaults
where it has none). Measured is what plants abate by switching, as a share of what those that still run emitted at the
start, averaged over the years of the horizon and over runs: a plant that closes abates nothing by what helps others.

- *sign*: what economics lets expect of more of it: + never lower, - never higher, none: either may be (why: last table).
- *whole range*: change of that mean from the lowest to the highest level, with its 95 % interval (paired runs).
- *worst step*: the step that speaks most against the sign, its change, and its p value: one-sided, adjusted (Holm) for all
  steps of all walks of that world, the whole ranges included. Below 0.05 the walk goes the **wrong way**, unless the table
  `tests/monotone/explained.csv` names the mechanism and a test that removes it.
"""
CLIFFS = """
## Cliffs

Fifty levels of each range. A jump stands out if a step differs from the mean of its neighbours by more than its Monte Carlo
error (Holm, all steps of the world), by more than 0.02 of the abated share and by more than five times the median step of
its walk. It is then walked in eight parts: *sharpest* is the share of its change in the largest part, one eighth on a slope;
above one half it is a **cliff**.
"""

MOVES = """
## What moves each world

Shares of the variance (Shapley effects, 95 % interval) when every parameter is drawn over its whole range; *luck*: the
number of the run. `python -m tests.monotone --moves` writes it; `clusterpact moves dunkirk` does it for one experiment.
"""


def number(cell: object) -> str:
    """A level or a p value, in few digits."""
    return f"{float(cell):.3g}"  # type: ignore[arg-type]


def step_table(rows: pd.DataFrame) -> str:
    """The walks of one world under one policy."""
    lines = []
    for row in rows.to_dict("records"):
        has_sign, span = row["sign"] != 0, f"{number(row['low'])} to {number(row['high'])} {row['unit']}"
        step = (
            f"{number(row['from'])} to {number(row['to'])}: {row['step']:+.4f} ±{row['step_half']:.4f}" if has_sign else ""
        )
        verdict = f"**{row['verdict']}** ({row['wrong_steps']})" if row["verdict"] == WRONG else row["verdict"]
        reason = f": {row['mechanism']}" if row["verdict"] == EXPLAINED else ""
        lines.append((f"`{row['factor']}`", span, SIGNS[row["sign"]],
                      f"{row['change']:+.4f} ±{row['change_half']:.4f}", step, number(row["p_holm"]) if has_sign else "",
                      f"{verdict}{reason}"))  # fmt: skip
    return table(("factor", "range", "sign", "whole range", "worst step", "p", "verdict"), lines)


def cliff_table(rows: pd.DataFrame) -> str:
    """The jumps that stand out."""
    if not len(rows):
        return "None stands out.\n"
    lines = [
        (row["world"], row["policy"], f"`{row['factor']}`", f"{number(row['from'])} to {number(row['to'])} {row['unit']}",
         f"{row['change']:+.3f}", f"{row['jump']:+.3f}", number(row["p_holm"]), f"{row['sharpest']:.2f}",
         f"**{row['verdict']}**" if row["verdict"] == CLIFF else row["verdict"],
         row["mechanism"] if isinstance(row["mechanism"], str) else "")
        for row in rows.to_dict("records")
    ]  # fmt: skip
    header = ("world", "policy", "factor", "step", "change", "jump", "p", "sharpest", "verdict", "reason")
    return table(header, lines)


def moves_table(rows: pd.DataFrame) -> str:
    """Shares of the variance, a line per world, policy and outcome."""
    groups = list(dict.fromkeys(rows["group"]))
    lines = []
    for (world, policy, outcome), part in rows.groupby(["world", "policy", "outcome"], sort=False):
        cells = part.set_index("group")
        shown = [f"{100 * cells['share'][g]:.0f} % [{100 * cells['low'][g]:.0f}, {100 * cells['high'][g]:.0f}]"
                 if cells["share"].notna().all() else "never varies" for g in groups]  # fmt: skip
        lines.append((world, policy, outcome, *shown))
    return table(("world", "policy", "outcome", *groups), lines) if lines else "Not measured yet.\n"


def text() -> str:
    """The whole page."""
    walks, parts = read("monotone"), [HEAD]
    for world, rows in walks.groupby("world", sort=False):
        wrong = int((rows["verdict"] == WRONG).sum())
        said = "No walk goes the wrong way." if not wrong else f"{wrong} of {len(rows)} walks go the wrong way."
        parts.append(f"\n## {world}\n\n{int(rows['runs'].max())} runs a level. {said}\n")
        for policy, part in rows.groupby("policy", sort=False):
            parts.append(f"\n### {world}, {policy}\n\n{step_table(part)}")
    parts += [CLIFFS, "\n", cliff_table(read("cliffs"))]
    parts += [MOVES, "\n", moves_table(read("moves"))]
    why = [(f"`{f.factor}`", SIGNS[f.sign], f.why) for f in read_factors().values()]
    parts += ["\n## Why these signs\n\n", table(("factor", "sign", "more of it"), why)]
    return "".join(parts)


def write() -> Path:
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")
    return PAGE
