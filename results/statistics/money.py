"""Money by year: what each package takes of public and private money, and what the state lends and stands for."""

import pandas as pd

from clusterpact.sim.measures import PRIVATE_LINES, PUBLIC_LINES

LOANS = "concessional_meur"


def money(series: pd.DataFrame) -> pd.DataFrame:
    """Mean money by year under every package, MEUR: public, private, loans, guarantees; 5 and 95 % of public money.

    Public money counts what is spent for good; loans are the principal that the state lends, to be paid back. Together they
    are what it has to find in the year. What is guaranteed is the most that it may still be asked for, at the year's end.
    """
    parts = pd.DataFrame({
        "policy": series["policy"], "year": series["year"], "public_meur": series[list(PUBLIC_LINES)].sum(axis=1),
        "private_meur": series[list(PRIVATE_LINES)].sum(axis=1), "loans_meur": series[LOANS],
        "guaranteed_meur": series["guaranteed_meur"],
    })  # fmt: skip
    groups = parts.groupby(["policy", "year"], sort=False)
    table = groups.mean()
    table["public_p5"], table["public_p95"] = (groups["public_meur"].quantile(q) for q in (0.05, 0.95))
    return table.reset_index()
