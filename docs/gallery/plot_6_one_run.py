"""
One run, quarter by quarter
===========================

A run is a Mesa model, whose agents can be asked and whose decisions can be replaced. Here owners that wait ten years meet
the same prices, elections and delays as the usual ones.
"""

import matplotlib.pyplot as plt

import clusterpact as cp


class Waiting(cp.Owner):
    """Backs nothing in the first ten years."""

    def backs(self, firm: cp.Firm) -> bool:
        return self.model.quarter >= 40 and super().backs(firm)


figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
for label, classes in {"as the rules say": {}, "owners wait ten years": {"owner": Waiting}}.items():
    years = cp.model("dunkirk", policy="four-pillars", run=4, **classes).run().yearly()
    axis.plot(years["year"], 100 * years["abated_share"], label=label)
axis.set(ylabel="abated, % of scope 1", title="Dunkirk, four pillars, run 4")
axis.legend(frameon=False)
