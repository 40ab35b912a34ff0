"""What the columns of a result's tables mean: a unit and a sentence each, for workbooks and data packages."""

import re
from collections.abc import Callable

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import GATES
from clusterpact.results.recorded import CAUSES
from clusterpact.sim.measures import MEASURES

#: Columns by name: unit, meaning.
COLUMNS = {
    "policy": ("-", "policy package"),
    "run": ("-", "number of the run; the same number meets the same luck under every policy"),
    "year": ("year", "calendar year"),
    "measure": ("-", "measure, a column of the series"),
    "runs": ("runs", "runs that the row is of"),
    "mean": ("the measure's", "mean over runs"),
    "half_abated_year": ("year", "first year in which half of scope 1 is abated; empty if never"),
    "cumulative_mt": ("Mt CO2e", "scope-1 emissions over the horizon"),
    "avoided_mt": ("Mt CO2e", "what is emitted less over the horizon than at the rate of the start"),
    "public_meur": ("MEUR", "public money over the horizon"),
    "loans_meur": ("MEUR", "loans that the state gives over the horizon, to be paid back"),
    "most_guaranteed_meur": (
        "MEUR",
        "most that the state stands for at the end of any year: guaranteed loans, networks it covers",
    ),
    "private_meur": ("MEUR", "private money over the horizon"),
    "public_eur_per_t": ("EUR/t", "public money per tonne avoided; empty if none is"),
    "agent": ("-", "plant, unit or network, by its id"),
    "firm": ("-", "plant or unit, by its id"),
    "kind": ("-", "plant or network"),
    "project": ("-", "project in hand at the start"),
    "technology": ("-", "what the last project is; empty if there is none"),
    "planned_start_year": ("year", "planned start of operation"),
    "fid_year": ("year", "final investment decision, with quarters as fractions; empty if never"),
    "start_year": ("year", "start of operation, with quarters as fractions; empty if not within the horizon"),
    "given_up_year": ("year", "when it was given up; empty if it was not"),
    "signed_share_at_fid": ("-", "signed volume of a network at its decision, per first phase"),
    "gate": ("-", "number of the gate, see `clusterpact.agents.vocabulary.GATES`"),
    "first_quarter": ("quarter", "first quarter of a spell, counted from 0 at the start"),
    "last_quarter": ("quarter", "last quarter of a spell, counted from 0 at the start"),
    "quarter": ("quarter", "quarter, counted from 0 at the start"),
    "event": ("-", "what happened, in words"),
    "quantity": ("-", "quantity in words"),
    "value": ("unit", "mean over runs; of years of decision the median of those that are decided"),
    "standard_error": ("unit", "Monte Carlo error of the mean, one standard error"),
    "p5": ("unit", "5 % of runs are below"),
    "p95": ("unit", "95 % of runs are below"),
    "unit": ("-", "unit of the value"),
    "outcome": ("-", "column of outcomes or measure of bands that the value is of"),
    **{measure.name: (measure.unit, measure.meaning) for measure in MEASURES},
}
CAUSE = {"abated": "abated by", **{cause: f"abated {words} by" for cause, words in CAUSES.items()}}
#: Columns by pattern: unit and meaning of what the pattern found.
PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], tuple[str, str]]], ...] = (
    (r"(abated|switched|closed|output)_share_(\d+)",
     lambda found: ("-", f"share of scope 1 {CAUSE[found[1]]} the end of {found[2]}")),
    (r"target_(\d+)_met", lambda found: ("-", f"whether the target of {found[1]} is met")),
    (r"gate_(\d+)_share", lambda found: (
        "-", f"share of scope 1 still emitted behind gate {found[1]} ({GATES[int(found[1]) - 1]}), mean over the horizon")),
    (r"start_year_(.+)", lambda found: ("year", f"start of {found[1]}, which waits for a signal; empty if it did not")),
    (r"fid_year_(.+)", lambda found: ("year", f"first decision of network {found[1]}; empty if never")),
    (r"draw_(.+)", lambda found: (
        (PARAMETERS[found[1]].unit, f"drawn: {PARAMETERS[found[1]].meaning}") if found[1] in PARAMETERS
        else ("-", f"drawn: {found[1]}"))),
    (r"q(\d\d)", lambda found: ("the measure's", f"{int(found[1])} % of runs are below")),
)  # fmt: skip


def meaning_of(column: str) -> tuple[str, str]:
    """Unit and meaning of a column of a result's tables; raises KeyError for one that no table has."""
    if column in COLUMNS:
        return COLUMNS[column]
    for pattern, said in PATTERNS:
        if found := re.fullmatch(pattern, column):
            return said(found)
    raise KeyError(column)
