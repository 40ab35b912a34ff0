"""What packages contain, and what packages of a front have in common: tables of their instruments, years and strengths."""

from collections.abc import Iterable

import pandas as pd

from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package

CONTENTS = ["package", "instrument", "strength", "unit", "start_year", "end_year", "when"]
SPANS = ("strength", "start")
SHARED = ["instrument", "packages", "share", *(f"{name}{end}" for name in SPANS for end in ("", "_low", "_high")), "waiting",
          "ended"]  # fmt: skip
YEARS = ("start_year", "end_year")


def contents(packages: Iterable[Package], base: Package) -> pd.DataFrame:
    """What packages set otherwise than a base, a row per package and instrument.

    strength: in the unit of the instrument; start_year: first year in force, missing where it waits for a signal (`when`);
    end_year: first year in which it is not in force any more, missing where it is kept.
    """
    rows = []
    for package in packages:
        for name, points in package.schedules.items():
            if package.instrument(name) == base.instrument(name):
                continue
            (start, strength), *later = points
            signal = package.signals.get(name)
            ends = [year for year, level in later if level == 0.0]
            rows.append({
                "package": package.name, "instrument": name, "strength": strength, "unit": INSTRUMENTS[name].unit,
                "start_year": None if signal else start, "end_year": ends[0] if ends else None,
                "when": str(signal) if signal else "",
            })  # fmt: skip
    return pd.DataFrame(rows, columns=CONTENTS).astype(dict.fromkeys(YEARS, "Int64") | {"strength": float})


def in_common(held: pd.DataFrame, front: pd.DataFrame, instruments: Iterable[str], objectives: list[str]) -> pd.DataFrame:
    """How packages of a front use instruments, a row per instrument, those of most packages first.

    held: their contents; front: a row per package with `package` and the objectives. packages, share: of the front that have
    it; strength, start (median year of those that start by the calendar), each with least and greatest (`_low`, `_high`);
    waiting: packages in which it waits for a signal; ended: in which it ends. NAME_with, NAME_without: mean of an objective
    over the packages with and without it, missing where there are none.
    """
    rows = []
    for name in instruments:
        mine = held[held["instrument"] == name]
        has = front["package"].isin(mine["package"])
        row: dict[str, object] = {"instrument": name, "packages": int(has.sum()), "share": float(has.mean())}
        for span, column in (("strength", "strength"), ("start", "start_year")):
            values = mine[column].dropna().astype(float)
            row |= {span: values.median(), f"{span}_low": values.min(), f"{span}_high": values.max()}
        row |= {"waiting": int((mine["when"] != "").sum()), "ended": int(mine["end_year"].notna().sum())}
        for objective in objectives:
            row |= {f"{objective}_with": front.loc[has, objective].mean(),
                    f"{objective}_without": front.loc[~has, objective].mean()}  # fmt: skip
        rows.append(row)
    columns = [*SHARED, *(f"{name}_{end}" for name in objectives for end in ("with", "without"))]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("packages", ascending=False, kind="stable", ignore_index=True)
