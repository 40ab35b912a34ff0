"""Effects by the year in which an instrument starts or ends: paired with never, run by run, on common luck.

A curve is one instrument (or two together) upon the baseline or within a package, by the year in which it starts; or, in
force from the first year on, by the year in which it ends. The effect of a start is the gain over never; that of an end is
what is lost against keeping it. Both are taken to fall as the year rises, which `rises` looks for evidence against.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.results.statistics.compare import CONFIDENCE, by_policy, holm, p_value_of
from clusterpact.results.statistics.contributions import FULL, NONE, mean_interval, owner
from clusterpact.results.statistics.levers import PRICED, WITHOUT
from clusterpact.results.statistics.matters import smallest_that_matters

ALONE, WITHIN = SETTINGS = ("alone", "within")
START, END = KINDS = ("start", "end")
#: Verdicts on a curve.
USEFUL, LITTLE, HARMS, TIED = ("useful", "too little to matter", "harms", "tied throughout")
#: How the latest year was looked for.
BISECTION, EVERY_YEAR = "bisection", "every year"
#: Verdicts on a milestone: the latest start is told, it holds without the instrument, or not even from the first year on.
BY, ANYHOW, MISSED = "by", "holds without it", "not reached"
#: Why an instrument is not timed: the law or the baseline has it, the baseline has it for others, it is no instrument.
IN_FORCE, FOR_OTHERS, NO_YEARS = "in force", "for others", "no years"
DELAY_YEARS = 6  #: from the first year on: the years whose slope is the cost of a year's delay
TOGETHER = "+"  #: between the names of instruments that start together
CURVES = ["stakeholder", "instrument", "setting", "kind", "year", "unit", "pairs", "effect", "effect_low", "effect_high",
          "p_holm", "is_told", "public_meur", "public_meur_low", "public_meur_high", "net_meur", "net_meur_low",
          "net_meur_high", "net_p_holm", "is_worth"]  # fmt: skip
LATEST = ["stakeholder", "instrument", "setting", "kind", "verdict", "latest_year", "next_year", "worth_year", "unit",
          "first_effect", "first_effect_low", "first_effect_high", "year_costs", "year_costs_low", "year_costs_high",
          "year_costs_until", "smallest", "pairs", "years_tested", "searched"]  # fmt: skip
MILESTONES = ["target_year", "confidence", "stakeholder", "instrument", "verdict", "latest_year", "runs", "chance",
              "chance_low", "chance_high"]  # fmt: skip
PAIRS = ["first", "second", "unit", "pairs", "interaction", "interaction_low", "interaction_high", "p_holm", "interacts"]


@dataclass(frozen=True)
class Curve:
    """One curve: which instruments, alone (upon the baseline) or within the package, starting or ending."""

    instruments: tuple[str, ...]
    setting: str
    kind: str
    first_year: int

    @property
    def name(self) -> str:
        """The instruments in one word."""
        return TOGETHER.join(self.instruments)

    @property
    def never(self) -> str:
        """The policy in which it is never in force."""
        return NONE if self.setting == ALONE else f"{WITHOUT}{self.name}"

    @property
    def always(self) -> str:
        """The policy in which it is in force from the first year to the last."""
        return f"{self.setting} {START} {self.name} {self.first_year}"

    @property
    def reference(self) -> str:
        """The policy that the effect is counted against."""
        return self.never if self.kind == START else self.always

    def policy(self, year: int) -> str:
        """The policy in which it starts, or ends, in a year; what ends in the first year is never in force."""
        is_never = self.kind == END and year == self.first_year
        return self.never if is_never else f"{self.setting} {self.kind} {self.name} {year}"


@dataclass(frozen=True)
class Variants:
    """Outcomes of all variants by run (rows) and policy (columns).

    gain: the outcome counted so that more is better; public: MEUR; met: by target year, 1 where it is met; unit, smallest:
    of the outcome, and its smallest difference that matters; value: of CO2, EUR/t, None where the outcome has no price.
    """

    gain: pd.DataFrame
    public: pd.DataFrame
    met: dict[int, pd.DataFrame]
    unit: str
    smallest: float
    value: float | None

    @classmethod
    def of(cls, outcomes: pd.DataFrame, column: str, targets: Iterable[int], co2_eur_per_t: float | None) -> "Variants":
        """The variants in a table of outcomes that holds their baseline."""
        outcome, wide = by_policy(outcomes, column)
        _, public = by_policy(outcomes, "public_meur")
        met = {year: by_policy(outcomes, f"target_{year}_met")[1] / 100 for year in targets}
        smallest = smallest_that_matters(outcome.unit, float(wide[NONE].mean()), outcomes)
        return cls(wide * outcome.better, public, met, outcome.unit, smallest, co2_eur_per_t if column == PRICED else None)

    def tested(self, curve: Curve, last_year: int) -> list[int]:
        """The years of a curve that were run."""
        return [year for year in range(curve.first_year, last_year + 1) if curve.policy(year) in self.gain]

    def paired(self, curve: Curve, years: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Effects and changes of public money of every run in which all is defined, both of shape (pairs, years)."""
        names = [curve.policy(year) for year in years]
        known = self.gain[[curve.reference, *names]].dropna().index
        sign = 1.0 if curve.kind == START else -1.0
        parts = (table.loc[known, names].to_numpy() - table.loc[known, [curve.reference]].to_numpy()
                 for table in (self.gain, self.public))  # fmt: skip
        effect, public = (sign * np.asarray(part, float) for part in parts)
        return effect, public


def curve_table(found: Variants, curve: Curve, years: Sequence[int]) -> pd.DataFrame:
    """A curve, a row per year that was run.

    effect: mean gain over never (of an end: loss against keeping it), in `unit`, more is better; public_meur: what the
    instrument costs the state in the same comparison; net_meur: effect x value of CO2 - public money, missing where CO2 has
    no value; each with its pointwise 95 % interval. p_holm, net_p_holm: of no effect, adjusted for the years of the curve;
    is_told: the effect is told from none; is_worth: the net value is told to be above zero.
    """
    effect, public = found.paired(curve, years)
    net = np.full(effect.shape, np.nan) if found.value is None else found.value * effect - public
    table = pd.DataFrame({"stakeholder": owner(curve.instruments[0])[0], "instrument": curve.name, "setting": curve.setting,
                          "kind": curve.kind, "year": list(years), "unit": found.unit, "pairs": len(effect)})  # fmt: skip
    for name, values in (("effect", effect), ("public_meur", public), ("net_meur", net)):
        rows = [_interval(values[:, k]) for k in range(len(years))]
        table[[name, f"{name}_low", f"{name}_high"]] = np.array(rows, float).reshape(-1, 3)
    table["p_holm"], table["net_p_holm"] = _adjusted(effect), _adjusted(net)
    table["is_told"] = table["p_holm"] < 1 - CONFIDENCE
    table["is_worth"] = (table["net_p_holm"] < 1 - CONFIDENCE) & (table["net_meur"] > 0)
    return table[CURVES]


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    return mean_interval(values) if len(values) > 1 else (float("nan"),) * 3


def _adjusted(values: np.ndarray) -> np.ndarray:
    """P values of no mean by column, adjusted for their number (Holm); missing where nothing is known."""
    unknown = len(values) < 2
    return holm(np.array([np.nan if unknown else p_value_of(values[:, k]) for k in range(values.shape[1])]))


def rises(found: Variants, curve: Curve, years: Sequence[int]) -> bool:
    """Whether the size of the effect is told to rise somewhere from one year to the next that was run (Holm over them)."""
    effect, _ = found.paired(curve, years)
    if len(effect) < 2 or len(years) < 2:
        return False
    steps = np.diff(effect, axis=1) * (-1.0 if effect[:, 0].mean() < 0 else 1.0)
    return bool(((_adjusted(steps) < 1 - CONFIDENCE) & (steps.mean(axis=0) > 0)).any())


def years_to_run(found: Variants, curve: Curve, last_year: int, confidence: float) -> list[int]:
    """The years of a curve to run next: all, if it rises; else the middle between the last told year and the next run.

    The same is looked for of the net value and, of a start within the package, of every target's chance. Empty once every
    latest year is known to the year.
    """
    years = found.tested(curve, last_year)
    if rises(found, curve, years):
        return [year for year in range(curve.first_year, last_year + 1) if year not in years]
    table = curve_table(found, curve, years)
    flags = [table["is_told"].to_numpy(), table["is_worth"].to_numpy()]
    if curve.setting == WITHIN and curve.kind == START:
        flags += [np.array([chance(found, curve.policy(year), target)[2] >= confidence for year in years])
                  for target in found.met]  # fmt: skip
    wanted = set()
    for held in flags:
        last = int(np.flatnonzero(held)[-1]) if held.any() else len(years)
        if last + 1 < len(years) and years[last + 1] - years[last] > 1:
            wanted.add((years[last] + years[last + 1]) // 2)
    return sorted(wanted)


def latest_of(found: Variants, curve: Curve, table: pd.DataFrame, last_year: int) -> dict[str, object]:
    """What a curve comes to: one row of the table of latest years.

    latest_year: the last year whose effect is told from none, next_year the year run after it, at which it is not (missing
    if it is told to the end); worth_year: the last year whose net value is told to be above zero. first_effect: of the first
    year, for good. year_costs: what a year's delay costs over the first years, until `year_costs_until` (of an end: what a
    year more in force brings); all with 95 % intervals. verdict: useful, too little to matter (what is told is below
    `smallest`), harms, or tied throughout. pairs, years_tested, searched: what it rests on.
    """
    years = table["year"].to_list()
    useful = table[table["is_told"] & (table["effect"] > 0)]
    harmful = table[table["is_told"] & (table["effect"] < 0)]
    told = useful if len(useful) else harmful
    verdict = TIED if not len(told) else HARMS if not len(useful) else USEFUL
    if verdict == USEFUL and (useful["effect_high"] < found.smallest).all():
        verdict = LITTLE
    latest = int(told["year"].max()) if len(told) else None
    later = [year for year in years if latest is not None and year > latest]
    worth = table.loc[table["is_worth"], "year"]
    until = max(year for year in years if year <= max(years[0] + DELAY_YEARS, years[min(1, len(years) - 1)]))
    row: dict[str, object] = {
        "stakeholder": owner(curve.instruments[0])[0], "instrument": curve.name, "setting": curve.setting,
        "kind": curve.kind, "verdict": verdict, "latest_year": latest, "next_year": later[0] if later else None,
        "worth_year": int(worth.max()) if len(worth) else None, "unit": found.unit, "year_costs_until": until,
        "smallest": found.smallest, "pairs": int(table["pairs"].iloc[0]), "years_tested": len(years),
        "searched": EVERY_YEAR if len(years) > last_year - curve.first_year else BISECTION,
    }  # fmt: skip
    row |= {f"first_{name}": table[name].iloc[0] for name in ("effect", "effect_low", "effect_high")}
    slopes = yearly_cost(found, curve, [year for year in years if year <= until])
    return row | dict(zip(("year_costs", "year_costs_low", "year_costs_high"), slopes, strict=True))


def yearly_cost(found: Variants, curve: Curve, years: Sequence[int]) -> tuple[float, float, float]:
    """What a year later costs over some years, with its 95 % interval: minus the slope of every run's effects by year."""
    effect, _ = found.paired(curve, years)
    if len(effect) < 2 or len(years) < 2:
        return (float("nan"),) * 3
    centred = np.asarray(years, float) - np.mean(years)
    return mean_interval(-effect @ centred / (centred @ centred))


def chance(found: Variants, policy: str, target: int) -> tuple[int, float, float, float]:
    """Runs, share of them that meet a target under a policy, and its 95 % interval (Wilson 1927)."""
    met = found.met[target][policy].dropna()
    if not len(met):
        return (0, *(float("nan"),) * 3)
    interval = stats.binomtest(int(met.sum()), len(met)).proportion_ci(CONFIDENCE, "wilson")
    return len(met), float(met.mean()), float(interval.low), float(interval.high)


def milestones(found: Variants, curves: Iterable[Curve], last_year: int, confidence: float) -> pd.DataFrame:
    """Which decision must fall by when, a row per target and member: latest start at which the target still holds.

    It holds where the whole interval of its chance is at least `confidence`, with the other members as in the package.
    verdict: by (latest_year); holds without it; not reached, not even from the first year on. chance: at the latest year,
    without it, or from the first year on, with its 95 % interval (Wilson), of so many runs.
    """
    rows = []
    for target in found.met:
        for curve in (one for one in curves if one.setting == WITHIN and one.kind == START):
            holds = [year for year in found.tested(curve, last_year)
                     if chance(found, curve.policy(year), target)[2] >= confidence]  # fmt: skip
            if chance(found, curve.never, target)[2] >= confidence:
                verdict, latest, policy = ANYHOW, None, curve.never
            elif holds:
                verdict, latest, policy = BY, holds[-1], curve.policy(holds[-1])
            else:
                verdict, latest, policy = MISSED, None, curve.always
            rows.append((target, confidence, owner(curve.name)[0], curve.name, verdict, latest,
                         *chance(found, policy, target)))  # fmt: skip
    return pd.DataFrame(rows, columns=MILESTONES).astype({"latest_year": "Int64"})


def interactions(found: Variants, members: Sequence[str], first_year: int) -> pd.DataFrame:
    """What two members bring together beyond what each brings alone, all in force from the first year on; a row per pair.

    interaction: E(both) - E(first) - E(second) upon the baseline, in `unit`, with its 95 % interval; interacts: told from
    none, adjusted for all pairs (Holm).
    """
    rows, values = [], []
    for pair in combinations(members, 2):
        names = [Curve(one, ALONE, START, first_year).always for one in (pair, pair[:1], pair[1:])]
        parts = found.gain[[NONE, *names]].dropna().to_numpy(float)
        none, both, one, other = parts.T
        values.append(both - one - other + none)
        rows.append((*pair, found.unit, len(parts), *_interval(values[-1])))
    table = pd.DataFrame(rows, columns=PAIRS[:-2])
    table["p_holm"] = holm(np.array([p_value_of(one) if len(one) > 1 else np.nan for one in values]))
    table["interacts"] = table["p_holm"] < 1 - CONFIDENCE
    return table


def grid(first_year: int, last_year: int, every: int) -> list[int]:
    """Years to run first: every so many, the first and the last included."""
    return sorted({*range(first_year, last_year + 1, every), last_year})


def package_chances(found: Variants) -> dict[int, tuple[int, float, float, float]]:
    """By target, runs and chance of the package as it stands."""
    return {target: chance(found, FULL, target) for target in found.met}
