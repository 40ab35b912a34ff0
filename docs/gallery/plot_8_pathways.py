"""
Which step follows which signal
===============================

A ribbon per step, as wide as the share of runs in which it is in force; arrows say in how many runs one step starts after
another.
"""

import clusterpact as cp

plan = {
    "name": "waits", "title": "A plan that waits for signals",
    "faster_permits": {"schedule": [[2028, 0.85]]},
    "carbon_price_floor_eur_per_t": {"value": 200.0, "when": "carbon_price_eur_per_t < 120 for 2 years"},
    "phase_out": {"value": 1.0, "when": "decided_share.dartagnan > 0"},
}  # fmt: skip
policies = ["current-policies", "waits"]
result = cp.run("dunkirk", runs=100, policies=policies, packages=[plan], out="waits", progress=False)
figure = result.plot.pathways()
