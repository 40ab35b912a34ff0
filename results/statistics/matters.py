"""The smallest difference of an outcome that matters: what is smaller is of no use to anybody, however surely it is told."""

import numpy as np

from clusterpact.results.arrow import Table, numbers

#: Points of a percentage, years, a trust of 0 to 1; of anything else this share of its mean under the baseline, and of money
#: of all money spent. Judgements: about what a plan for a cluster is rounded to.
POINTS, YEARS, TRUST, SHARE = 1.0, 0.25, 0.01, 0.01


def smallest_that_matters(unit: str, baseline_mean: float, outcomes: Table) -> float:
    """The smallest difference that matters of an outcome in a unit, whose mean under the baseline is given."""
    if unit.startswith("%"):
        return POINTS
    if unit == "year":
        return YEARS
    if unit == "-":
        return TRUST
    if unit == "MEUR":
        public, private = (np.abs(numbers(outcomes, f"{who}_meur")) for who in ("public", "private"))
        return SHARE * float(np.nanmean(public + private))
    return SHARE * abs(baseline_mean)
