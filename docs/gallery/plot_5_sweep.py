"""
More money for carbon contracts: what does it bring?
====================================================

A sweep over one instrument needs no files: packages are written on the spot. Differences are paired, run by run, so that a
hundred runs are enough to see a slope.
"""

import matplotlib.pyplot as plt

import clusterpact as cp

budgets = (75, 150, 300, 600)
sweep = cp.experiment(
    "dunkirk",
    runs=100,
    policies=["current-policies"],
    packages=[{"name": f"{budget}", "base": "four-pillars", "ccfd_budget_meur_per_year": budget} for budget in budgets],
)
differences = sweep.run(out="sweep", progress=False).compare(lever_runs=0, progress=False).differences
rows = differences[differences.label == "CO2 emitted over the horizon"].set_index("policy")

figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
saved = -rows.difference
errors = [saved + rows.high, -rows.low - saved]
axis.errorbar(budgets, saved, yerr=[abs(error) for error in errors], marker="o", capsize=3, color="#0072b2")
axis.set(xlabel="budget for carbon contracts, MEUR a year", ylabel="CO2 saved against current policies, Mt", ylim=(0, None))
axis.set_title("100 paired runs of Dunkirk; intervals of 95 %", fontsize=10)
