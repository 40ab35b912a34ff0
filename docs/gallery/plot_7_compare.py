"""
What a package changes
======================

Paired differences with the baseline for every outcome, each with its interval.
"""

import matplotlib.pyplot as plt

import clusterpact as cp

result = cp.run("dunkirk", runs=100, policies=["current-policies", "four-pillars"], out="dunkirk", progress=False)
rows = result.compare(lever_runs=0, progress=False).differences
rows = rows[rows.label.str.startswith("still emitted")].iloc[::-1]
gates = rows.label.str.extract(r"(gate .*\))")[0]

figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
errors = [rows.difference - rows.low, rows.high - rows.difference]
axis.errorbar(rows.difference, gates, xerr=errors, fmt="o", capsize=3, color="#d55e00")
axis.axvline(0, color="grey", linewidth=0.8)
axis.set(xlabel="points of scope 1, four pillars less current policies", title="Which gates the package opens")
