"""A result in the format of the Integrated Assessment Modeling Consortium: a row per scenario and variable, years across.

Variables have the consortium's names where it has one. A name by itself is the mean over runs; the share of runs below a
value stands at its end, as in `Emissions|Kyoto Gases|5.0th Percentile`.
"""

import pandas as pd

from clusterpact.agents.vocabulary import GATES
from clusterpact.results.bands import QUANTILES
from clusterpact.results.recorded import CAUSES

INDEX = ("Model", "Scenario", "Region", "Variable", "Unit")
EJ_PER_GWH = 3.6e-6
#: Measures with a variable: its name, its unit, and what a measure is multiplied by.
VARIABLES: dict[str, tuple[str, str, float]] = {
    "scope1_kt": ("Emissions|Kyoto Gases", "Mt CO2-equiv/yr", 1e-3),
    "captured_kt": ("Carbon Capture", "Mt CO2/yr", 1e-3),
    "scope2_gwh": ("Final Energy|Electricity", "EJ/yr", EJ_PER_GWH),
    "hydrogen_gwh": ("Final Energy|Hydrogen", "EJ/yr", EJ_PER_GWH),
    "carbon_price_eur_per_t": ("Price|Carbon", "EUR/t CO2", 1.0),
    "jobs_direct": ("Employment|Direct", "Million", 1e-6),
    "jobs_total": ("Employment", "Million", 1e-6),
    "gva_meur": ("Value Added|Direct", "billion EUR/yr", 1e-3),
    "gva_total_meur": ("Value Added", "billion EUR/yr", 1e-3),
    "abated_share": ("Emissions Reduction|Kyoto Gases", "%", 100.0),
    **{f"{cause}_share": (f"Emissions Reduction|Kyoto Gases|{words.capitalize()}", "%", 100.0)
       for cause, words in CAUSES.items()},
    **{f"gate_{number}": (f"Remaining Emissions|Kyoto Gases|{gate.capitalize()}", "%", 100.0)
       for number, gate in enumerate(GATES, start=1)},
}  # fmt: skip
STATISTICS = {"mean": ""} | {name: f"|{100 * share:.1f}th Percentile" for name, share in QUANTILES.items()}


def iamc_table(bands: pd.DataFrame, model: str, region: str) -> pd.DataFrame:
    """Bands in the wide format: columns Model, Scenario, Region, Variable, Unit and one per year, in physical units."""
    told = bands[bands["measure"].isin(list(VARIABLES))]
    parts = []
    for column, ending in STATISTICS.items():
        wide = told.pivot(index=["policy", "measure"], columns="year", values=column).reset_index()
        names, units, factors = zip(*(VARIABLES[measure] for measure in wide["measure"]), strict=True)
        numbers = wide.drop(columns=["policy", "measure"]).mul(pd.Series(factors), axis=0)
        head = pd.DataFrame({"Model": model, "Scenario": wide["policy"], "Region": region,
                             "Variable": [f"{name}{ending}" for name in names], "Unit": units})  # fmt: skip
        parts.append(pd.concat([head, numbers], axis=1))
    table = pd.concat(parts).sort_values(["Scenario", "Variable"], kind="stable").reset_index(drop=True)
    table.columns = pd.Index([str(name) for name in table.columns])
    return table
